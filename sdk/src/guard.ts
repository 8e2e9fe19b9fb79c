/**
 * The wall between the SDK and the page: nothing thrown in here gets out there.
 * Never hides a fault from a developer: with debug on, each is printed.
 */

import type { Verdict } from "./event.js";

let speaking = false;

/** Turns the console log on or off. */
export const speak = (on: boolean): void => {
  speaking = on;
};

/** Prints to the console when debug is on. */
export const log = (...what: unknown[]): void => {
  if (speaking) console.log("[trackway]", ...what);
};

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

/** Runs a call that answers with a verdict; a fault inside becomes the verdict. */
export async function answered(call: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await call();
  } catch (error) {
    log(error);
    return { id: "", status: "dropped", code: "sdk_error", message: String(error) };
  }
}

/** Runs each; one that throws does not keep the others from running. */
export const each = (runs: (() => void)[]): void => runs.forEach((run) => void attempt(run));

/** Listens to each of the events; a throwing listener stays inside. */
export function listen(target: EventTarget, names: string, run: (event: Event) => void): void {
  for (const name of names.split(" ")) target.addEventListener(name, (event) => attempt(() => run(event)), true);
}
