/** The served file of a site that uses the extras too: autocapture, frustration. They are off unless a site asks for them. */

import { more } from "./clicks.js";
import { describe, INTERACTIVE } from "./describe.js";
import { vent } from "./frustration.js";
import { start as startPlain } from "./full.js";

/** Starts tracking for one site, as `full.ts` does, with the extras at hand. */
export const start: typeof startPlain = (...config) => {
  more._extras = { _interactive: INTERACTIVE, _describe: describe, _vent: vent };
  return startPlain(...config);
};
