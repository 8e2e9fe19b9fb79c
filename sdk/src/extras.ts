/** The file that a site loads for clicks of untagged elements, in anger and in vain. */

import { describe, INTERACTIVE } from "./describe.js";
import { vent } from "./frustration.js";
import type { Host } from "./part.js";
import { find, tagOf } from "./tagged.js";

/** Begins to look at clicks; those of tagged elements are told of elsewhere (`clicks.ts`). */
export function watch(host: Host): void {
  const { autocapture, frustration } = host._settings.features;
  const judge = frustration && vent(host);
  host._clicked = (event, path, tagged, url, params) => {
    const actor = tagged ?? find(path, INTERACTIVE);
    if (!actor) return;
    const element = tagged ? tagOf(tagged) : describe(actor);
    if (!tagged && autocapture) host._note("element.click", { element, ...params, auto: true });
    if (judge) judge(event, path, actor, element, url);
  };
}
