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
  for (const name in memory) remember(name, recall(name) as string, seconds);
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

/** Notes that this tab has just made the id which now begins the value of that name: another tab may have made one too. "" takes it back. */
export const claim = (name: string, id: string): void => {
  claims[name] = id;
};

/**
 * Which of the ids made here lost against another tab's, as [ours, the one that was kept]: of two tabs that opened at
 * once, the browser keeps what the later one wrote. Each id is compared once; ask when the other tab has had its turn.
 */
export function contested(): [string, string][] {
  const pairs = Object.entries(claims).map(([name, id]): [string, string] => {
    delete claims[name];
    return [id, recall(name)?.slice(0, id.length) || id];
  });
  return pairs.filter(([mine, theirs]) => mine !== theirs);
}
