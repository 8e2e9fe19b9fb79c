/**
 * localStorage for pages that may have none, may refuse it, or may have filled it.
 * Never throws, and never clears a key that is not the SDK's own (all begin with "tw").
 */

import { attempt } from "./guard.js";

/** The value under a key; null when there is none or storage is blocked. */
export const read = (key: string): string | null => attempt(() => localStorage.getItem(key)) ?? null;

/** Whether the value is now stored. */
export const write = (key: string, value: string): boolean =>
  attempt(() => {
    localStorage.setItem(key, value);
    return true;
  }) ?? false;

/** Removes a key, if there is storage to remove it from. */
export const erase = (key: string): void => {
  attempt(() => localStorage.removeItem(key));
};

/** Every stored key with that prefix. */
export const names = (prefix: string): string[] =>
  attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix))) ?? [];
