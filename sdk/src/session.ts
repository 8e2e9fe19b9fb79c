/**
 * The session: one id for all tabs until half an hour passes without an event, or a day in all.
 * Never renews the activity before the expiry check (a tab that wakes must not prolong yesterday's session),
 * and never ends a session: only the server can know that nothing more came.
 */

import { recall, remember } from "./keep.js";
import { uuid7 } from "./uuid.js";

/** Where the session is kept. */
export const SESSION = "tw_session";
const DAY_MS = 86_400_000;
/** A clock set back by more than this makes a new session rather than one that never ends. */
const CLOCK_BACK_MS = 300_000;
/** Activity is written at most this often; what is newer is written when the page hides. */
const WRITE_EVERY_MS = 5_000;

/** One session; times in epoch ms. */
export interface Session {
  id: string;
  start: number;
  last: number;
}

/** Reads the kept form `id.start.last`; undefined when it is not one. */
export function parseSession(text = ""): Session | undefined {
  const [id = "", start = 0, last = 0] = text.split(".");
  return id.length === 36 && +start && +last ? { id, start: +start, last: +last } : undefined;
}

/** Whether the session is over at `now`. */
export function expired(session: Session, now: number, timeoutMs: number): boolean {
  const idle = now - session.last;
  return idle > timeoutMs || idle < -CLOCK_BACK_MS || now - session.start > DAY_MS;
}

export class Sessions {
  private _mine: Session | undefined;

  constructor(private _timeoutMs: number) {}

  private _write(session: Session): void {
    remember(SESSION, `${session.id}.${session.start}.${session.last}`, DAY_MS / 1000);
  }

  /** The session in which something happened at `now`, and whether it began with that. */
  touch(now: number): { id: string; fresh: boolean } {
    const kept = parseSession(recall(SESSION));
    const unwritten = this._mine?.id === kept?.id ? (this._mine?.last ?? 0) : 0;
    if (!kept || expired({ ...kept, last: Math.max(kept.last, unwritten) }, now, this._timeoutMs))
      return this._begin(now);
    this._mine = { ...kept, last: Math.max(kept.last, unwritten, now) };
    if (now - kept.last >= Math.min(WRITE_EVERY_MS, this._timeoutMs / 6)) this._write(this._mine);
    return { id: kept.id, fresh: false };
  }

  private _begin(now: number): { id: string; fresh: boolean } {
    this._mine = { id: uuid7(now), start: now, last: now };
    this._write(this._mine);
    return { id: this._mine.id, fresh: true };
  }

  /** Leaves the session: another customer uses this device. The next event begins a new one. */
  forget(): void {
    this._mine = undefined;
    remember(SESSION, "", 0);
  }

  /** Writes the latest activity, as the page may be about to go. */
  save(): void {
    if (this._mine && parseSession(recall(SESSION))?.id === this._mine.id) this._write(this._mine);
  }
}
