/**
 * Action names and param names met so far, offered where one is asked for.
 * Never: claims to be complete, or grows beyond its limit.
 */
import { SvelteSet } from "svelte/reactivity";
import { builtIn } from "../model/action";
import type { TrackedEvent } from "../model/shapes";

const NAMES_MAX = 300;

export const seenActions = new SvelteSet<string>(builtIn);
export const seenParams = new SvelteSet<string>();

/** Notes the names of some events. */
export function noteSeen(events: TrackedEvent[]): void {
  for (const event of events) {
    if (seenActions.size < NAMES_MAX) seenActions.add(event.action);
    for (const name of Object.keys(event.params)) if (seenParams.size < NAMES_MAX) seenParams.add(name);
  }
}
