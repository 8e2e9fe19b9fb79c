/**
 * The SDK with all that is on unless a site switches it off. Each part starts only where its feature is on.
 */

import { clicks } from "./clicks.js";
import { consent } from "./consent.js";
import { elements } from "./elements.js";
import { forms } from "./forms.js";
import { known } from "./known.js";
import type { Part } from "./part.js";
import { refine } from "./refine.js";
import { scroll } from "./scroll.js";

export const PARTS: Part[] = [clicks, elements, scroll, forms];

/** What stands before the first event. In this order: each puts itself around those before it. */
export const GUARDS: Part[] = [refine, consent, known];
