/**
 * What is off by default: the file that has to be there before anything is done, on sites that use something of it.
 * Its modules are copies: what the served file remembers (`store.ts`, `keep.ts`, `guard.ts`) is asked of the host.
 */

import { linking } from "./linking.js";
import { lists } from "./lists.js";
import type { Part } from "./part.js";
import { renewal } from "./renewal.js";
import { tokens } from "./token.js";
import { unseen } from "./unseen.js";

/** What it offers. */
export interface AheadFile {
  add(guards: Part[]): void;
}

/** Puts what is here behind what is there (`full.ts`). In this order: who is to leave nothing renews nothing, and is followed nowhere. */
export function add(guards: Part[]): void {
  guards.push(lists, tokens, renewal, unseen, linking);
}
