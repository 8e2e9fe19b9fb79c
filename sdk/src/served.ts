/**
 * The served file with every part that is on by default. What only some pages need lies beside it.
 * Where something of that stands before the first event (`ahead.ts`), nothing is done before it has come: nothing is stored,
 * no request is made, calls wait.
 */

import type { AheadFile } from "./ahead.js";
import { backoffMs } from "./answer.js";
import type { Whole } from "./config.js";
import { withoutSecrets } from "./fields.js";
import { GUARDS, PARTS } from "./full.js";
import { beside, source } from "./lazy.js";
import { run } from "./start.js";
import { hold } from "./stub.js";

/** How often it is tried again to load the file: the last time some minutes after the first. */
const RETRIES = 9;

/** Call it while the script runs. */
export function start(config: Whole): void {
  const from = source();
  const since = Date.now();
  const load = beside(from);
  const go = () => run(config, from, since, PARTS, GUARDS, load, withoutSecrets);
  const ahead = (tries: number) => {
    load("ahead", tries).then(
      (file) => {
        (file as AheadFile).add(PARTS, GUARDS);
        go();
      },
      () => tries < RETRIES && setTimeout(ahead, backoffMs(tries, Math.random()), tries + 1),
    );
  };
  if (config.ahead) {
    hold(config.name as string);
    ahead(0);
  } else go();
}
