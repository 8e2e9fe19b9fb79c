/** The served file of most sites: every part but the extras. Each part starts only where its feature is on. */

import type { Trackway } from "./api.js";
import { clicks } from "./clicks.js";
import type { Config } from "./config.js";
import { elements } from "./elements.js";
import type { Part } from "./part.js";
import { scroll } from "./scroll.js";
import { run } from "./start.js";

const PARTS: Part[] = [clicks, elements, scroll];

/**
 * Starts tracking for one site, with every part.
 * Needs a browser; call it as early as possible. A second call for the same key answers with the first call's API.
 */
export const start = (config: Config): Trackway => run(config, PARTS);
