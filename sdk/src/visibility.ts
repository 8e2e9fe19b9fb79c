/**
 * The page's life: shown for the first time, hidden, shown again.
 * Never listens to unload or beforeunload, which keep a page out of the back/forward cache.
 */

import { listen } from "./guard.js";

declare global {
  interface Document {
    /** True while the page is rendered ahead of a visit that may never come. */
    prerendering?: boolean;
  }
}

/** Whether a person can see the page. */
export const shown = (): boolean => !document.prerendering && document.visibilityState !== "hidden";

/** Runs once the page is more than a prerendered guess; at once on an ordinary page. */
export function whenActivated(run: () => void): void {
  if (document.prerendering) document.addEventListener("prerenderingchange", run, { once: true });
  else run();
}

/** Runs once, at the first moment a person can see the page; at once when one can. */
export function whenShown(run: () => void): void {
  let done = false;
  const check = () => {
    if (done || !shown()) return;
    done = true;
    run();
  };
  check();
  if (!done) listen("visibilitychange prerenderingchange", check);
}

/**
 * Watches the page from now on: what to do when it is hidden (often the last chance), shown, or taken out of the back/forward
 * cache. Each may come twice in a row.
 */
export function watchPage(hide: (event: Event) => void, show: () => void, restore: () => void): void {
  listen("visibilitychange", (event) => (shown() ? show() : hide(event)));
  listen("freeze pagehide", hide);
  listen("pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) restore();
  });
}
