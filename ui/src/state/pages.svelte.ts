/**
 * A cursor list: the first page, and more when asked.
 * Never: asks for a page it already has, or grows beyond its limit.
 */
import type { List } from "../model/shapes";
import { ask, isAbort } from "./api";
import type { Asked } from "./fetched.svelte";

export const PAGE_SIZE = 50;
/** Rows one list keeps; beyond it the reader is told to narrow the search. */
export const LIST_ROWS_MAX = 2_000;

export class Pages<T> {
  items = $state.raw<T[]>([]);
  next = $state<string | null>(null);
  cause = $state.raw<unknown>(null);
  loading = $state(false);
  /** Whether the first page has arrived for the present question. */
  ready = $state(false);
  #path = $state("");
  #query = $state.raw(new URLSearchParams());
  #abort: AbortController | null = null;

  /** @param size rows asked for at a time. */
  constructor(readonly size = PAGE_SIZE) {}

  /** What is asked, whole; null while the first page is under way. */
  get asked(): Asked | null {
    return this.ready ? { path: this.#path, query: this.#query } : null;
  }

  get full(): boolean {
    return this.items.length >= LIST_ROWS_MAX;
  }

  /** A new question: forgets the old pages and loads the first. */
  async start(path: string, query = new URLSearchParams()): Promise<void> {
    this.#path = path;
    this.#query = query;
    this.next = null;
    this.ready = false;
    this.items = [];
    await this.#load(null);
  }

  /** Loads the page after the last one. */
  async more(): Promise<void> {
    if (this.loading || this.next === null || this.full) return;
    await this.#load(this.next);
  }

  /** Asks the failed question once more. */
  async again(): Promise<void> {
    await this.#load(this.ready ? this.next : null);
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.loading = false;
  }

  async #load(cursor: string | null): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const query = new URLSearchParams(this.#query);
    query.set("limit", String(this.size));
    if (cursor !== null) query.set("cursor", cursor);
    this.loading = true;
    this.cause = null;
    try {
      const list = await ask<List<T>>(this.#path, { query, signal: abort.signal });
      if (abort.signal.aborted) return;
      this.items = cursor === null ? list.items : [...this.items, ...list.items];
      this.next = list.next;
      this.ready = true;
    } catch (cause) {
      if (!isAbort(cause)) this.cause = cause;
    } finally {
      if (this.#abort === abort) this.loading = false;
    }
  }
}
