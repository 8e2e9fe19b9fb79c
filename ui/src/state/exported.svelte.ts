/**
 * What the question on the screen asked the server: the same is asked again for a file.
 * Never: a question of a view that has been left.
 */
import { onDestroy } from "svelte";
import type { Asked, Fetched } from "./fetched.svelte";

let shown = $state.raw<Fetched<unknown> | null>(null);

export const exported = {
  /** Path and query of the answer that is shown; null while there is none. */
  get asked(): Asked | null {
    return shown?.data ? shown.asked : null;
  },
};

/** A view says, when it is made, which answer is its own. */
export function exports(answer: Fetched<unknown>): void {
  shown = answer;
  onDestroy(() => {
    if (shown === answer) shown = null;
  });
}
