/**
 * Which tabs are alive, so that the events of a closed one can be taken over.
 * A tab is alive while it holds a Web Lock of its own name. Never asks for another tab's lock (that would throw a page out of
 * the back/forward cache) and holds its own only while visible (a held lock keeps a browser from freezing the tab).
 */

import { attempt } from "./guard.js";

const PREFIX = "tw:tab:";
/** Without Web Locks, events this old belong to nobody. */
export const LEASE_MS = 30_000;

const locks = (): LockManager | undefined => attempt(() => navigator.locks);

export interface TabLock {
  /** Says that this tab is alive. Harmless when it already does. */
  _take(): void;
  /** Whether nobody can have taken over what is `ageMs` old: this tab is alive, and others can see that. */
  _holds(ageMs: number): boolean;
  /** Says that this tab's events may be taken over: it is hidden, and may never come back. */
  _release(): void;
}

/** The sign of life of the tab with that id. */
export function tabLock(id: string): TabLock {
  let letGo: (() => void) | undefined;
  const release = () => {
    letGo?.();
    letGo = undefined;
  };
  return {
    _take() {
      if (letGo) return;
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      locks()
        ?.request(PREFIX + id, () => held)
        .catch(release);
    },
    _holds: (ageMs) => !!letGo && (!!locks() || ageMs < LEASE_MS),
    _release: release,
  };
}

/** A test of whether a tab is gone, by its id and the age (ms) of what it left. */
export async function roll(): Promise<(tab: string, ageMs: number) => boolean> {
  const state = await locks()
    ?.query()
    .catch(() => undefined);
  if (!state) return (_, ageMs) => ageMs > LEASE_MS;
  const alive = [state.held, state.pending].flat().map((lock) => lock?.name);
  return (tab) => !alive.includes(PREFIX + tab);
}
