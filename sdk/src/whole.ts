/** The served file of a site that uses the extras too: autocapture, frustration. They are off unless a site asks for them. */

import type { Trackway } from "./api.js";
import { clicks } from "./clicks.js";
import type { Config } from "./config.js";
import { describe, INTERACTIVE } from "./describe.js";
import { elements } from "./elements.js";
import { vent } from "./frustration.js";
import type { Part } from "./part.js";
import { scroll } from "./scroll.js";
import { run } from "./start.js";

const PARTS: Part[] = [clicks({ _interactive: INTERACTIVE, _describe: describe, _vent: vent }), elements, scroll];

/**
 * Starts tracking for one site, with every part.
 * Needs a browser; call it as early as possible. A second call for the same key answers with the first call's API.
 */
export const start = (config: Config): Trackway => run(config, PARTS);
