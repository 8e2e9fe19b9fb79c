/**
 * The two ways out of a browser: a request with an answer, and a beacon without one.
 * Never causes a preflight (a text goes as text/plain, and no header is set), never sends the page's cookies with a request,
 * and never throws: no answer is status 0.
 */

import { attempt } from "./guard.js";

/** A request without an answer by then counts as failed. Browsers from before 2022, which cannot be told so, have limits of their own. */
const TIMEOUT_MS = 10_000;
/** Larger bodies go without keepalive: all of a page's keepalive bodies share 64 KiB. */
export const KEEPALIVE_BYTES = 16_384;

/** What came back; status 0 is no answer. */
export interface Reply {
  status: number;
  retryAfter: string | null;
  text: string;
}

/** Posts a body and waits for the answer; `keepalive` lets the request outlive its page. */
export async function post(url: string, body: string, keepalive: boolean): Promise<Reply> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      credentials: "omit",
      keepalive,
      signal: AbortSignal.timeout?.(TIMEOUT_MS) ?? null,
    });
    const retryAfter = response.headers.get("retry-after");
    return { status: response.status, retryAfter, text: await response.text() };
  } catch {
    return { status: 0, retryAfter: null, text: "" };
  }
}

/** Whether the browser took the body for sending after the page; not whether it arrived. */
export const beacon = (url: string, body: string): boolean => attempt(() => navigator.sendBeacon(url, body)) ?? false;
