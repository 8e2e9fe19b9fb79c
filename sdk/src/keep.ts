/**
 * Small values that should outlive the page: in a cookie, else in localStorage, else in memory.
 * Never writes localStorage where the cookie held, so that clearing cookies clears the visitor.
 */

import { readCookie, writeCookie } from "./cookie.js";
import { erase, read, write } from "./store.js";

const memory: Record<string, string> = {};

/** The value kept under a name, the cookie's first: another tab may have changed it. */
export const recall = (name: string): string | undefined => readCookie(name) ?? read(name) ?? memory[name];

/** Writes down what was only in memory, now that there is more: each value for `seconds`. */
export const keepAll = (seconds: number): void => {
  for (const name in memory) remember(name, recall(name) as string, seconds);
};

/** Keeps a value for `seconds` as durably as the browser lets us; an empty one forgets it. */
export function remember(name: string, value: string, seconds: number): void {
  memory[name] = value;
  writeCookie(name, value, seconds);
  if (!value) erase(name);
  else if (readCookie(name) !== value) write(name, value);
}
