/**
 * How far a page was scrolled, in quarters: each reported once per page visit, when it is reached.
 * Never measures in the handler: an observer calls back after the next layout, when asking costs nothing.
 */

import { attempt, listen } from "./guard.js";
import type { Host } from "./part.js";

/** The position is looked at this often at most. */
const EVERY_MS = 200;
const STEP = 25;

/** How many quarters' worth of percent of the height have been on screen. */
export function depth({ scrollTop, clientHeight, scrollHeight }: Element): number {
  // Positions may be fractions, so that the very end is never quite reached.
  const part = (scrollTop + clientHeight + 1) / scrollHeight;
  return Math.min(100, STEP * Math.floor((100 / STEP) * part));
}

/** Begins to watch scrolling: of the page, or of an element that fills most of it. */
export function scroll(host: Host): void {
  if (!host._settings.features.scroll) return;
  let told = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let moved: Element;
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
    observer.disconnect();
  };
  const observer = new IntersectionObserver(() =>
    attempt(() => {
      stop();
      const percent = depth(moved);
      const main = moved.clientWidth * 2 >= innerWidth && moved.clientHeight * 2 >= innerHeight;
      if (main && percent > told) {
        told = percent;
        host._note("scroll.depth", { percent });
      }
    }),
  );
  listen("scroll", ({ target }) => {
    moved = ((target as Document).scrollingElement ?? target) as Element;
    timer ??= setTimeout(() => observer.observe(document.documentElement), EVERY_MS);
  });
  host._onVisit(() => {
    stop();
    told = 0;
  });
}
