/** The file that a site loads for clicks of untagged elements, in anger and in vain. */

import type { Extras } from "./clicks.js";
import { describe, INTERACTIVE } from "./describe.js";
import { vent } from "./frustration.js";

/** What `clicks.ts` takes from here. */
export const extras: Extras = { _interactive: INTERACTIVE, _describe: describe, _vent: vent };
