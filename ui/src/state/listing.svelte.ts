/**
 * The list of customers that one came from: who is next, and who was before.
 * Never: another list than the one in the address; keeps its order while one walks through it.
 */
import type { CustomerSummary, List } from "../model/shapes";
import { ask, isAbort } from "./api";

/** Customers asked for at a time, and the most that are looked through. */
const PAGE = 200;
const CUSTOMERS_MAX = 2_000;

export class Listing {
  ids = $state.raw<string[]>([]);
  #question = "";
  #next: string | null = null;
  #abort: AbortController | null = null;

  /**
   * Loads the list as far as the one behind a customer, unless that is there already.
   * @param query what the list was asked with; the same question is not asked again.
   */
  async find(path: string, query: URLSearchParams, id: string): Promise<void> {
    const question = `${path}?${query}`;
    if (question !== this.#question) {
      this.#question = question;
      this.ids = [];
      this.#next = null;
    }
    this.#abort?.abort();
    this.#abort = new AbortController();
    try {
      while (!this.#isKnown(id) && this.ids.length < CUSTOMERS_MAX && (this.ids.length === 0 || this.#next !== null)) {
        if (!(await this.#more(path, query, this.#abort.signal))) return;
      }
    } catch (cause) {
      if (!isAbort(cause)) console.info("The list could not be asked for: next and previous are not known.", cause);
    }
  }

  /** The customer so many places further; null where the list ends, or does not have this one. */
  beside(id: string, step: number): string | null {
    const at = this.ids.indexOf(id);
    return at < 0 ? null : (this.ids[at + step] ?? null);
  }

  /** “3”, of those known. */
  place(id: string): number | null {
    const at = this.ids.indexOf(id);
    return at < 0 ? null : at + 1;
  }

  #isKnown(id: string): boolean {
    const at = this.ids.indexOf(id);
    return at >= 0 && at < this.ids.length - 1;
  }

  async #more(path: string, query: URLSearchParams, signal: AbortSignal): Promise<boolean> {
    const asked = new URLSearchParams(query);
    asked.set("limit", String(PAGE));
    if (this.#next !== null) asked.set("cursor", this.#next);
    const list = await ask<List<CustomerSummary>>(path, { query: asked, signal });
    if (signal.aborted) return false;
    const known = new Set(this.ids);
    this.ids = [...this.ids, ...list.items.map((one) => one.customer).filter((one) => !known.has(one))];
    this.#next = list.next;
    return list.items.length > 0;
  }
}

/** One for the page, so that the order stays while one goes from customer to customer. */
export const listing = new Listing();
