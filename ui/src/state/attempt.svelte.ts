/**
 * One request tried out from the page that browses the API: what came back, as it came.
 * Never: sends anything but GET, ends the login on a 401, or reads an answer without end.
 */
import { pretty } from "../model/json";
import { Problem } from "../model/problem";
import { isAbort } from "./api";

/** A request that has not been answered by then is given up. */
const ANSWER_LIMIT_MS = 30_000;
/** A stream is listened to for so long. */
const LISTEN_MS = 5_000;
/** Characters of an answer that are read and shown. */
const SHOWN_MAX = 200_000;

export interface Tried {
  status: number;
  type: string;
  text: string;
  /** From sending until the answer's head was there. */
  ms: number;
  /** Why the text is not the whole answer. */
  cut: string | null;
}

export class Attempt {
  answer = $state.raw<Tried | null>(null);
  cause = $state.raw<unknown>(null);
  busy = $state(false);
  #abort: AbortController | null = null;

  /** Sends a GET with the login's cookie; an attempt under way is given up. */
  async send(address: string, headers: Record<string, string>): Promise<void> {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    this.busy = true;
    try {
      const answer = await request(address, headers, abort.signal);
      if (this.#abort !== abort) return;
      this.answer = answer;
      this.cause = null;
    } catch (cause) {
      if (this.#abort !== abort || isAbort(cause)) return;
      this.answer = null;
      this.cause = cause;
    } finally {
      if (this.#abort === abort) this.busy = false;
    }
  }

  /** Gives up what is under way; on leaving. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.busy = false;
  }
}

async function request(address: string, headers: Record<string, string>, signal: AbortSignal): Promise<Tried> {
  const begun = performance.now();
  const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
  try {
    const response = await fetch(address, { headers, cache: "no-store", signal: AbortSignal.any([signal, limit]) });
    const ms = Math.round(performance.now() - begun);
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    return { status: response.status, type, ms, ...(await read(response, type)) };
  } catch (cause) {
    if (signal.aborted) throw cause;
    if (limit.aborted) throw new Problem(0, "too_slow", "No answer within 30 seconds.");
    throw new Problem(0, "no_answer", "The server did not answer.");
  }
}

/** Reads to the end, up to the limit of characters; a stream for its time. */
async function read(response: Response, type: string): Promise<{ text: string; cut: string | null }> {
  if (!response.body) return { text: "", cut: null };
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const streams = type === "text/event-stream";
  const over = streams ? setTimeout(() => reader.cancel(), LISTEN_MS) : undefined;
  let text = "";
  while (text.length < SHOWN_MAX) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  clearTimeout(over);
  if (text.length < SHOWN_MAX)
    return { text: readable(text, type), cut: streams ? `Listened for ${LISTEN_MS / 1_000} seconds.` : null };
  await reader.cancel();
  return { text: text.slice(0, SHOWN_MAX), cut: `Only the first ${SHOWN_MAX.toLocaleString("en")} characters.` };
}

function readable(text: string, type: string): string {
  if (!type.endsWith("json")) return text;
  try {
    return pretty(JSON.parse(text));
  } catch {
    // Named JSON and is none: then it is shown as it came.
    return text;
  }
}
