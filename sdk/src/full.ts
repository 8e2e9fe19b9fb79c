/**
 * The SDK with every part. Each part starts only where its feature is on. What few sites use (`variant.ts`) is left out by
 * `build.mjs` of the files for all others.
 */

import type { Trackway } from "./api.js";
import { clicks } from "./clicks.js";
import type { Config } from "./config.js";
import { consent } from "./consent.js";
import { elements } from "./elements.js";
import { withoutSecrets } from "./fields.js";
import { forms } from "./forms.js";
import { known } from "./known.js";
import type { Load } from "./lazy.js";
import { linking } from "./linking.js";
import { optIns } from "./optins.js";
import type { Part } from "./part.js";
import { refine } from "./refine.js";
import { renewal } from "./renewal.js";
import { scroll } from "./scroll.js";
import { run } from "./start.js";
import { tokens } from "./token.js";
import { unseen } from "./unseen.js";
import { OPTINS, RARE, TOKENS } from "./variant.js";

const PARTS: Part[] = [clicks, elements, scroll, forms];
if (OPTINS) PARTS.push(optIns);

/** What stands before the first event. In this order: each puts itself around those before it. */
const GUARDS: Part[] = [refine, consent, known];
if (TOKENS) GUARDS.push(tokens);
if (RARE) GUARDS.push(unseen, linking, renewal);

/**
 * Starts tracking for one site, with every part; `load` gets at the files that only some pages need.
 * Needs a browser; call it as early as possible. A second call for the same key answers with the first call's API.
 */
export const start = (config: Config, load: Load): Trackway => run(config, PARTS, GUARDS, load, withoutSecrets);
