/**
 * The server's answer → what to do with the events that were sent.
 * Never takes silence for success: status 0 (refused, offline, blocked, timed out) is tried again.
 */

const BASE_MS = 1_000;
/** Longest wait that the SDK chooses by itself. */
export const CAP_MS = 300_000;
/** Longest wait that a server may ask for. */
const ASKED_CAP_MS = 3_600_000;

/** What somebody has to mend (the key, the origins) before it can go well. */
export const needsMending = (status: number): boolean => /40[13]/.test(`${status}`);

/** Whether the same request would be refused for ever. 0, no answer, is not: it says nothing. */
export const isFinal = (status: number): boolean => /^4(?!0[138]|2[59])/.test(`${status}`);

/** How long to wait before the next try: anything up to a limit that doubles, so that a thousand browsers do not come back at once. */
export const backoffMs = (attempt: number, random: number): number => random * Math.min(CAP_MS, BASE_MS * 2 ** attempt);

/** A Retry-After header (seconds, or a date) in ms from `now`; 0 when absent or not understood. */
export function retryAfterMs(header: string | null, now: number): number {
  const wait = Number(header) * 1000 || Date.parse(header as string) - now;
  return wait > 0 ? Math.min(wait, ASKED_CAP_MS) : 0;
}

/** One rejected event in the server's answer. */
export interface Rejection {
  /** Its place among the events that were sent. */
  index?: number;
  code?: string;
  message?: string;
}

/** What a collector says of a request: of each event that it did not store, or what is wrong with the whole. */
export interface Answer {
  accepted?: number;
  rejected?: Rejection[];
  error?: Rejection;
  stopped?: boolean;
}

/** The server's word on each event; undefined when the body is not a collector's (a login page of the network, say). */
export const rejections = (said: Answer | undefined): Rejection[] | undefined =>
  (said?.accepted as number) >= 0 ? (said?.rejected ?? []) : undefined;
