/**
 * The wall between the SDK and the page: nothing thrown in here gets out there.
 * Never hides a fault from a developer: with debug on, each is printed.
 */

import type { Verdict } from "./event.js";

type Say = (...what: unknown[]) => void;

let say: Say | undefined;

/** Has what the SDK does told to `to` from now on; to nobody without one. */
export const speak = (to?: Say): void => {
  say = to;
};

/** Tells what the SDK does, when debug is on. */
export const log: Say = (...what) => say?.(...what);

/** Tells the developer of a mistake of theirs, debug or not. */
export const warn = (what: string): void => console.warn(`[trackway] ${what}`);

/** Runs something the browser may refuse (blocked storage, a sandboxed frame). Undefined when it did: refusal is an answer, not a fault. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    log(error);
    return undefined;
  }
}

/** A verdict; without `id` it is one of an event that never had any. */
export const verdict = (status: Verdict["status"], code?: string, message?: string, id = ""): Verdict => ({
  id,
  status,
  code,
  message,
});

/** The same call, that always answers with a verdict: a fault inside becomes one. */
export const answering =
  <Args extends unknown[]>(call: (...args: Args) => Promise<Verdict>) =>
  async (...args: Args): Promise<Verdict> => {
    try {
      return await call(...args);
    } catch (error) {
      log(error);
      return verdict("dropped", "sdk_error", String(error));
    }
  };

/** Runs each with `what`; one that throws does not keep the others from running. */
export const each = <T = void>(runs: ((what: T) => void)[], what: T): void =>
  runs.forEach((run) => void attempt(() => run(what)));

/** Text → what it says in JSON; undefined when it is none. */
export const parse = <T>(json: string | null): T | undefined => attempt(() => JSON.parse(json as string));

/**
 * A value as JSON. Arrays stay arrays where a page gives them a `toJSON` (Prototype.js does), and half of a character, as cutting
 * leaves it, or a NUL becomes U+FFFD: the server refuses events that hold one.
 */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, name, said) {
    if (Array.isArray(this[name])) return this[name];
    return typeof said === "string" ? said.replace(/[\0\ud800-\udfff]/gu, "\ufffd") : said;
  });

/** Listens to each of the events, by default wherever in the page; a throwing listener stays inside. */
export function listen(names: string, run: (event: Event) => void, target: EventTarget = window): void {
  for (const name of names.split(" ")) target.addEventListener(name, (event) => attempt(() => run(event)), true);
}
