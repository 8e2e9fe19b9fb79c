/** The served file with every part that is on by default. What only some sites need the server adds (`more.ts`), or lies beside it. */

import type { Whole } from "./config.js";
import { withoutSecrets } from "./fields.js";
import { GUARDS, PARTS } from "./full.js";
import { beside, source } from "./lazy.js";
import type { start as More } from "./more.js";
import { run } from "./start.js";

/** Call it while the script runs; `more` on sites that use something that is off by default. */
export function start(config: Whole, more?: typeof More): void {
  const from = source();
  const since = Date.now();
  const load = beside(from);
  const go = () => void run(config, from, since, PARTS, GUARDS, load, withoutSecrets);
  if (more) more(config, load, PARTS, GUARDS, go);
  else go();
}
