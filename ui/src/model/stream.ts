/**
 * The rows of the live stream: a capped list, newest on top, and those that wait while it is held.
 * Never: shows an event twice, grows beyond its limits, or moves rows while held.
 */
import type { TrackedEvent } from "./shapes";

/** Rows kept on screen; older ones are found under Events. */
export const LIVE_ROWS_MAX = 400;
/** Events kept while held; beyond it the oldest waiting are let go, and the count says so. */
export const LIVE_WAITING_MAX = 400;

export interface Stream {
  rows: TrackedEvent[];
  waiting: TrackedEvent[];
  /** Everything that arrived while held, also what no longer fits into `waiting`. */
  waitingCount: number;
}

export const emptyStream: Stream = { rows: [], waiting: [], waitingCount: 0 };

/**
 * Takes in events as they arrived (oldest first).
 * @param held rows must not move now: the events wait.
 */
export function receive(stream: Stream, arrived: TrackedEvent[], held: boolean): Stream {
  const known = new Set([...stream.rows, ...stream.waiting].map((event) => event.id));
  const fresh = arrived.filter((event) => !known.has(event.id) && known.add(event.id)).reverse();
  if (fresh.length === 0) return stream;
  if (!held) return { ...stream, rows: [...fresh, ...stream.rows].slice(0, LIVE_ROWS_MAX) };
  return {
    ...stream,
    waiting: [...fresh, ...stream.waiting].slice(0, LIVE_WAITING_MAX),
    waitingCount: stream.waitingCount + fresh.length,
  };
}

/** Lets the waiting events in. */
export function release(stream: Stream): Stream {
  if (stream.waiting.length === 0) return stream;
  return { rows: [...stream.waiting, ...stream.rows].slice(0, LIVE_ROWS_MAX), waiting: [], waitingCount: 0 };
}

/** What of a pointer's event tells whether somebody points. */
export type Pointing = Pick<PointerEvent, "type" | "pointerType" | "movementX" | "movementY">;

/**
 * Whether the list is pointed at, after an event of a pointer over it. Only a mouse that is moved points: one that
 * rests where the list came up under it (where the login button was) does not, nor does a finger.
 */
export function pointsAt(before: boolean, event: Pointing): boolean {
  if (event.type === "pointerleave") return false;
  const moved = event.movementX !== 0 || event.movementY !== 0;
  return before || (event.type === "pointermove" && event.pointerType === "mouse" && moved);
}
