/**
 * The list of customers that one came from: who is next, and who was before. The server knows, however long it is.
 * Never: another list than the one in the address, or the neighbours of somebody else.
 */
import type { Neighbours } from "../model/customer";
import { Fetched } from "./fetched.svelte";

/** One step through the list: 1 is the next customer, -1 the one before. */
export type Step = 1 | -1;

export class Listing {
  #found = new Fetched<Neighbours>();
  /** A step that was asked for before it was known where it leads. */
  #waiting: Step | null = null;

  /** The neighbours of the customer asked about last; null until they are known. */
  get here(): Neighbours | null {
    return this.#found.data;
  }

  /**
   * Asks for the neighbours of a customer.
   * @param go called when a step had been asked for meanwhile.
   */
  async find(path: string, query: URLSearchParams, go: (step: Step) => void): Promise<void> {
    this.#waiting = null;
    const known = await this.#found.load(path, { query, clear: true });
    const step = this.#waiting;
    this.#waiting = null;
    if (known && step) go(step);
  }

  /** Takes a step as soon as it is known where it leads. */
  remember(step: Step): void {
    if (this.#found.loading) this.#waiting = step;
  }

  /** On leaving. */
  stop(): void {
    this.#found.stop();
  }
}
