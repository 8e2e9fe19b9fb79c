/**
 * The session: one id for all tabs until half an hour passes without an event, or a day in all.
 * Never renews the activity before the expiry check (a tab that wakes must not prolong yesterday's session),
 * and never ends a session: only the server can know that nothing more came.
 */

import { claim, recall, remember } from "./keep.js";
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

export interface Sessions {
  /**
   * The session in which something happened at `now`, and whether it began with that. What happens by itself in a page
   * that nobody touches (`idle`) neither prolongs a session nor begins one; without one it has none.
   */
  _touch(now: number, idle?: boolean): { _id?: string; _fresh?: boolean };
  /** Leaves the session: another customer uses this device. The next event begins a new one. */
  _forget(): void;
  /** Writes the latest activity, as the page may be about to go. */
  _save(): void;
}

/** The session that all tabs of this site share. */
export function openSessions(timeoutMs: number): Sessions {
  /** As this tab knows it: `last` may be newer than what is written. */
  let mine: Session | undefined;
  const kept = () => parseSession(recall(SESSION));
  const keep = (session: Session) => remember(SESSION, `${session.id}.${session.start}.${session.last}`, DAY_MS / 1000);

  return {
    _touch(now, idle) {
      const known = kept();
      const last = Math.max(known?.last ?? 0, mine?.id === known?.id ? (mine?.last ?? 0) : 0);
      if (!known || expired({ ...known, last }, now, timeoutMs)) {
        if (idle) return {};
        const id = uuid7(now);
        mine = { id, start: now, last: now };
        keep(mine);
        claim(SESSION, id, true);
        return { _id: id, _fresh: true };
      }
      if (!idle) {
        mine = { ...known, last: Math.max(last, now) };
        if (now - known.last >= Math.min(WRITE_EVERY_MS, timeoutMs / 6)) keep(mine);
      }
      claim(SESSION, known.id);
      return { _id: known.id };
    },
    _forget() {
      mine = undefined;
      claim(SESSION, "", true);
      remember(SESSION, "", 0);
    },
    _save() {
      if (mine && kept()?.id === mine.id) keep(mine);
    },
  };
}
