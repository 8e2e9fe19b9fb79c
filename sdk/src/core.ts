/** The served file of a site that uses none of the parts: delivery, visits, sessions, identity. */

import type { Whole } from "./config.js";
import { beside, source } from "./lazy.js";
import type { Host } from "./part.js";
import { run } from "./start.js";

/** `SR.init` has nothing to set here. */
const init = (host: Host): void => {
  host._api.init = async () => {};
};

/** Call it while the script runs. */
export function start(config: Whole): void {
  const from = source();
  run(config, from, Date.now(), [], [init], beside(from));
}
