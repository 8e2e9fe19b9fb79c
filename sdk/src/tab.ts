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

export class Tab {
  private _release: (() => void) | undefined;

  constructor(private _id: string) {}

  /** Says that this tab is alive. Harmless when it already does. */
  take(): void {
    if (this._release) return;
    const held = new Promise<void>((resolve) => {
      this._release = resolve;
    });
    locks()
      ?.request(PREFIX + this._id, () => held)
      .catch(() => this.release());
  }

  /** Says that this tab's events may be taken over: it is hidden, and may never come back. */
  release(): void {
    this._release?.();
    this._release = undefined;
  }
}

/** A test of whether a tab is gone, by its id and the age (ms) of what it left. */
export async function roll(): Promise<(tab: string, ageMs: number) => boolean> {
  const state = await locks()
    ?.query()
    .catch(() => undefined);
  if (!state) return (_, ageMs) => ageMs > LEASE_MS;
  const alive = new Set([...(state.held ?? []), ...(state.pending ?? [])].map((lock) => lock.name));
  return (tab) => !alive.has(PREFIX + tab);
}
