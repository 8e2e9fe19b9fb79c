/**
 * localStorage for pages that may have none, may refuse it, or may have filled it.
 * Never throws, never touches it while it is closed to us, and never clears a key that is not the SDK's own (all begin with "tw:" or "tw_").
 */

import { attempt } from "./guard.js";

let shut: boolean | undefined;

/** Closes the browser's storage and cookies to the SDK, or opens them: closed, nothing is read or written. */
export const shutStorage = (on?: boolean): void => {
  shut = on;
};

/** Runs something with the browser's storage, unless it is closed to us or the browser refuses. */
export const permitted = <T>(run: () => T): T | undefined => (shut ? undefined : attempt(run));

/** The value under a key; null when there is none or storage is blocked. */
export const read = (key: string): string | null => permitted(() => localStorage.getItem(key)) ?? null;

/** Whether the value is now stored. */
export const write = (key: string, value: string): boolean =>
  permitted(() => {
    localStorage.setItem(key, value);
    return true;
  }) ?? false;

/** Removes a key, if there is storage to remove it from. */
export const erase = (key: string): void => {
  attempt(() => localStorage.removeItem(key));
};

/** Every stored key with that prefix. */
export const names = (prefix: string): string[] =>
  permitted(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix))) ?? [];
