/**
 * Tagged elements: finds them, wherever and whenever they appear, and tells of their views and hovers.
 * Never searches the page twice: after the first look only what was added is looked at.
 */

import type { Params } from "./event.js";
import { attempt, listen } from "./guard.js";
import { watchHovers } from "./hovers.js";
import type { Page } from "./page.js";
import type { Host } from "./part.js";
import { IGNORED, tagOf } from "./tagged.js";
import { watchViews } from "./views.js";
import { shown } from "./visibility.js";

/** Most views and hovers reported of one page visit. */
const MOST = 200;

/** Begins to watch views and hovers. */
export function elements(host: Host): void {
  if (!host._settings.features.elements) return;
  let left = MOST;
  const note = (action: string, params: Params, page?: Page) => left-- > 0 && host._note(action, params, page);
  const views = watchViews((element) => note("element.view", { element }));
  const hovers = watchHovers((element, duration, page) => note("element.hover", { element, duration }, page));

  const look = (root: ParentNode) => {
    for (const element of [root, ...root.querySelectorAll("*")] as Element[]) {
      if (element.localName && tagOf(element)) views._watch(element);
      if (element.shadowRoot && !element.closest(IGNORED)) enter(element.shadowRoot);
    }
  };
  const enter = (root: ParentNode) => {
    observer.observe(root, { subtree: true, childList: true, attributeFilter: ["data-track"] });
    hovers._listen(root);
    look(root);
  };
  const observer = new MutationObserver((records) =>
    attempt(() => {
      hovers._check();
      for (const { attributeName, target, addedNodes } of records) {
        if (attributeName) views._watch(target as Element);
        for (const node of addedNodes as NodeListOf<Element>) if (node.localName) look(node);
      }
    }),
  );
  setTimeout(() => attempt(() => enter(document)));
  // By then components have their shadow roots.
  listen("load", () => look(document));

  host._onHide(() => {
    views._pause();
    hovers._end();
  });
  listen("visibilitychange", () => {
    if (!shown()) return;
    views._restart();
    hovers._restart();
  });
  host._onVisit(() => {
    hovers._restart();
    left = MOST;
    views._restart(true);
  });
}
