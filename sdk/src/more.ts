/**
 * What the server puts before the start of a site that uses something that is off by default: the part that loads what nothing
 * has to wait for, and, where a file has to be there before anything is done (`ahead.ts`), the wait for it. Until then nothing
 * is stored, no request but that one is made, and calls wait.
 */

import type { AheadFile } from "./ahead.js";
import { backoffMs } from "./answer.js";
import type { Whole } from "./config.js";
import { hold } from "./hold.js";
import { later } from "./later.js";
import type { Load } from "./lazy.js";
import type { Part } from "./part.js";

/** How often it is tried again to load the file: the last time some minutes after the first. */
const RETRIES = 9;

/** Adds to the parts and guards, and calls `go` once all is there that has to be. */
export function start(config: Whole, load: Load, parts: Part[], guards: Part[], go: () => void): void {
  const ahead = (tries: number) => {
    load("ahead", tries).then(
      (file) => {
        (file as AheadFile).add(guards);
        go();
      },
      () => tries < RETRIES && setTimeout(ahead, backoffMs(tries, Math.random()), tries + 1),
    );
  };
  parts.push(later);
  if (config.ahead) {
    hold(config.name as string);
    ahead(0);
  } else go();
}
