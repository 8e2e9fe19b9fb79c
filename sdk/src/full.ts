/** The SDK with every part. Each part starts only where its feature is on. */

import type { Trackway } from "./api.js";
import { clicks } from "./clicks.js";
import type { Config } from "./config.js";
import { elements } from "./elements.js";
import { withoutSecrets } from "./fields.js";
import { forms } from "./forms.js";
import type { Load } from "./lazy.js";
import { optIns } from "./optins.js";
import type { Part } from "./part.js";
import { scroll } from "./scroll.js";
import { run } from "./start.js";

const PARTS: Part[] = [clicks, elements, scroll, forms, optIns];

/**
 * Starts tracking for one site, with every part; `load` gets at the files that only some pages need.
 * Needs a browser; call it as early as possible. A second call for the same key answers with the first call's API.
 */
export const start = (config: Config, load: Load): Trackway => run(config, PARTS, load, withoutSecrets);
