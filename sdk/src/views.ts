/**
 * Views of tagged elements: half of it on screen for a second without a break (the rule of the Media Rating Council;
 * three tenths of a large one), once per name and page visit. An element larger than the screen is judged by what of
 * it could be on screen at once.
 * Never polls the page: an observer tells when elements come and go.
 */

import { attempt } from "./guard.js";
import { IGNORED, tagOf } from "./tagged.js";

const SEEN_MS = 1_000;
const PART = 0.5;
const LARGE_PX = 242_500;
const LARGE_PART = 0.3;
/** Powers of two find half of an element however many screens long it is. */
const STEPS = [LARGE_PART, ...Array.from({ length: 12 }, (_, power) => 0.5 ** power)];

/** Whether that much of an element counts as seen. */
export function enough({
  boundingClientRect: whole,
  intersectionRect: part,
  rootBounds,
}: IntersectionObserverEntry): boolean {
  const screen = rootBounds ?? whole;
  const could = Math.min(whole.width, screen.width) * Math.min(whole.height, screen.height);
  const shown = part.width * part.height;
  return shown > 0 && shown >= could * (could < LARGE_PX ? PART : LARGE_PART);
}

const visible = (element: Element): boolean =>
  element.checkVisibility?.({ checkOpacity: true, checkVisibilityCSS: true }) !== false;

export interface Views {
  /** Watches an element; or looks at it anew, when its name may have changed. */
  _watch(element: Element): void;
  /** Counts nothing until `_restart`: the page is hidden. */
  _pause(): void;
  /** Counts from now; with `anew`, as another page visit has begun, what was seen can be seen again. */
  _restart(anew?: boolean): void;
}

/** `see` takes the name of an element when it has been seen. */
export function watchViews(see: (name: string) => void): Views {
  /** What is on screen, and the timer of its second. */
  const timers = new Map<Element, ReturnType<typeof setTimeout>>();
  const seen = new Set<string>();

  const begin = (element: Element) => {
    const name = tagOf(element);
    const before = visible(element);
    clearTimeout(timers.get(element));
    const check = () => {
      if (!name || seen.has(name) || element.closest(IGNORED)) return;
      if (!before || !visible(element)) return begin(element);
      seen.add(name);
      see(name);
    };
    timers.set(
      element,
      setTimeout(() => attempt(check), SEEN_MS),
    );
  };

  const again = (element: Element) => {
    observer.unobserve(element);
    observer.observe(element);
  };
  const observer = new IntersectionObserver(
    (entries) =>
      attempt(() => {
        for (const entry of entries) {
          const { target } = entry;
          if (entry.isIntersecting && enough(entry)) {
            if (!timers.has(target)) begin(target);
            continue;
          }
          clearTimeout(timers.get(target));
          timers.delete(target);
          // What has no size yet (its picture is loading) counts as wholly shown, and would not be told of again.
          if (entry.intersectionRatio === 1) setTimeout(again, SEEN_MS, target);
        }
      }),
    { threshold: STEPS },
  );

  return {
    _watch(element) {
      observer.observe(element);
      if (timers.has(element)) begin(element);
    },
    _pause() {
      timers.forEach(clearTimeout);
    },
    _restart(anew) {
      if (anew) seen.clear();
      for (const element of timers.keys()) begin(element);
    },
  };
}
