/**
 * Small values that should outlive the page: in a cookie, else in localStorage, else in memory.
 * Never writes localStorage where the cookie held, so that clearing cookies clears the visitor.
 */

import { readCookie, writeCookie } from "./cookie.js";
import { read, write } from "./store.js";

const memory: Record<string, string> = {};

/** The value kept under a name, the cookie's first: another tab may have changed it. */
export const recall = (name: string): string | undefined => readCookie(name) ?? read(name) ?? memory[name];

/** Keeps a value for `seconds` as durably as the browser lets us. */
export function remember(name: string, value: string, seconds: number): void {
  memory[name] = value;
  writeCookie(name, value, seconds);
  if (readCookie(name) !== value) write(name, value);
}
