/**
 * One answer of the server as state: loading, data, or the cause of failure.
 * Never: shows an older answer for a newer question; the older request is aborted.
 */
import { Problem } from "../model/problem";
import { type Ask, ask, isAbort } from "./api";
import { noteWait } from "./waiting.svelte";

/** What was asked. */
export interface Asked {
  path: string;
  query?: URLSearchParams;
  method?: Ask["method"];
  body?: unknown;
}

export class Fetched<T> {
  data = $state.raw<T | null>(null);
  cause = $state.raw<unknown>(null);
  loading = $state(false);
  /** What `data` is the answer to. */
  asked = $state.raw<Asked | null>(null);
  #abort: AbortController | null = null;
  #answered = () => {};

  /**
   * Asks again. What is shown stays until the new answer is there, unless `clear` is set.
   * @returns the data, or null when it failed (see `cause`) or was overtaken.
   */
  async load(path: string, { clear = false, ...options }: Ask & { clear?: boolean } = {}): Promise<T | null> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    if (clear) this.data = null;
    this.loading = true;
    this.#answered();
    this.#answered = noteWait(this, Date.now());
    try {
      const data = await ask<T>(path, { ...options, signal: abort.signal });
      if (abort.signal.aborted) return null;
      this.data = data;
      this.asked = { path, ...options };
      this.cause = null;
      return data;
    } catch (cause) {
      if (!isAbort(cause)) this.cause = cause;
      return null;
    } finally {
      if (this.#abort === abort) {
        this.loading = false;
        this.#answered();
      }
    }
  }

  /** Asks, where there is a question; else forgets what was there. */
  async loadIf(path: string, query: URLSearchParams | null): Promise<T | null> {
    if (query) return this.load(path, { query });
    this.stop();
    this.data = null;
    this.cause = null;
    return null;
  }

  /** Gives up what is under way; on leaving a screen. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.loading = false;
    this.#answered();
  }

  /** Gives up because somebody asked for that; what was shown before stays, and the page says what to do. */
  cancel(): void {
    this.stop();
    this.cause = new Problem(0, "cancelled", "This question was given up.");
  }
}
