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
export const needsMending = (status: number): boolean => status === 401 || status === 403;

/** Whether the same request would be refused for ever. 0, no answer, is not: it says nothing. */
export const isFinal = (status: number): boolean =>
  status >= 400 && status < 500 && !needsMending(status) && ![408, 425, 429].includes(status);

/** How long to wait before the next try: anything up to a limit that doubles, so that a thousand browsers do not come back at once. */
export const backoffMs = (attempt: number, random: number): number => random * Math.min(CAP_MS, BASE_MS * 2 ** attempt);

/** A Retry-After header (seconds, or a date) in ms from `now`; 0 when absent or not understood. */
export function retryAfterMs(header: string | null, now: number): number {
  if (!header) return 0;
  const wait = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return wait > 0 ? Math.min(wait, ASKED_CAP_MS) : 0;
}

/** One rejected event in the server's answer. */
export interface Rejection {
  /** Its place among the events that were sent. */
  index?: number;
  code?: string;
  message?: string;
}

/** The server's word on each event; undefined when the body is not a collector's (a login page of the network, say). */
export function parseAnswer(text: string): Rejection[] | undefined {
  try {
    const { accepted, rejected } = JSON.parse(text);
    return accepted >= 0 ? (rejected ?? []) : undefined;
  } catch {
    return undefined;
  }
}
