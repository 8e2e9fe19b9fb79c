/**
 * Questions that take longer than a moment, so that the page can say so and they can be given up.
 * Never: holds one that has been answered.
 */
import { SvelteMap } from "svelte/reactivity";

/** What takes less needs no word. */
export const MOMENT_MS = 300;

/** What can be given up. */
export interface Waiting {
  cancel(): void;
}

/** Each with the moment it was asked (epoch ms). */
export const waiting = new SvelteMap<Waiting, number>();

/** Notes a question once it has taken a moment; call what it returns when it is over. */
export function noteWait(asked: Waiting, since: number): () => void {
  const timer = setTimeout(() => waiting.set(asked, since), MOMENT_MS);
  return () => {
    clearTimeout(timer);
    waiting.delete(asked);
  };
}

/** Gives up all of them. */
export function cancelAll(): void {
  for (const one of [...waiting.keys()]) one.cancel();
}
