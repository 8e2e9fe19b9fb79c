/**
 * Small values that should outlive the page: in a cookie, else in localStorage, else in memory.
 * Never writes localStorage where the cookie held, so that clearing cookies clears the visitor; and only memory while the
 * page is prerendered, since it may never be seen.
 */

import { readCookie, writeCookie } from "./cookie.js";
import { erase, read, write } from "./store.js";

const memory: Record<string, string> = {};
const claims: Record<string, string> = {};
/** Whether a cookie has been seen to stay: looking each time would cost the page a question to another process. */
let cookies = false;

/** The value kept under a name, the cookie's first: another tab may have changed it. */
export const recall = (name: string): string | undefined => readCookie(name) ?? read(name) ?? memory[name];

/** Writes down what was only in memory, now that there is more: each value for `seconds`. */
export const keepAll = (seconds: number): void => {
  for (const name of Object.keys(memory)) remember(name, recall(name) as string, seconds);
};

/** Keeps a value for `seconds` as durably as the browser lets us; an empty one forgets it. */
export function remember(name: string, value: string, seconds: number): void {
  memory[name] = value;
  if (document.prerendering) return;
  writeCookie(name, value, seconds);
  cookies ||= readCookie(name) === value;
  if (!value) erase(name);
  else if (!cookies) write(name, value);
}

/**
 * Notes the id which this page uses under that name: of tabs that opened at once, more than one may have made an id, and
 * others read it before it lost. The first id of a page counts, and a later one when it was `made` here; "" for one that the
 * application chose.
 */
export function claim(name: string, id: string, made?: boolean): void {
  if (made || claims[name] === undefined) claims[name] = id;
}

/**
 * Tells of the noted ids that are no longer the kept ones: the browser keeps what the last tab wrote. Each is compared once;
 * ask when the other tabs have had their turn.
 */
export function contested(tell: (mine: string, kept: string) => void): void {
  for (const name of Object.keys(claims)) {
    const mine = claims[name] as string;
    const kept = recall(name)?.slice(0, mine.length) || mine;
    claims[name] = "";
    if (mine !== kept) tell(mine, kept);
  }
}
