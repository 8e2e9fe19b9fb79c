/**
 * Hovers: how long a mouse rested on a tagged element. Touches and pens are no hovers; crossing the element's children
 * is one hover; time in which the page is hidden, or its window has lost the focus, is not counted.
 */

import { listen } from "./guard.js";
import { here, type Page } from "./page.js";
import { find, pathOf, TAGGED, tagOf } from "./tagged.js";

/** A shorter one is a pointer passing by. */
const LEAST_MS = 250;
/** A longer one is a parked pointer: it is reported then, and counted no further. */
const MOST_MS = 60_000;

export interface Hovers {
  /** Watches the pointer in a document or a shadow root: what happens within a shadow root does not leave it. */
  _listen(root: Node): void;
  /** Ends the one under way. */
  _end(): void;
  /** Ends the one under way; where the pointer still rests another begins. */
  _restart(): void;
  /** The document has changed: the element may be gone, or be called otherwise. */
  _check(): void;
}

/** `tell` takes each hover: the element's name, ms, and the page it was on, at its end. */
export function watchHovers(tell: (name: string, duration: number, page: Page) => void): Hovers {
  /** What the pointer is on. */
  let under: Element | undefined;
  let name = "";
  let page: Page;
  /** When it came, in ms of the page's clock; 0: nothing is counted. */
  let since = 0;
  let timer: ReturnType<typeof setTimeout>;

  const end = () => {
    const duration = Math.min(performance.now() - since, MOST_MS);
    if (since && duration >= LEAST_MS) tell(name, Math.round(duration), { ...page, time: Date.now() });
    since = 0;
    clearTimeout(timer);
  };
  const enter = (element: Element | undefined) => {
    end();
    under = element;
    if (!element) return;
    name = tagOf(element);
    page = here();
    since = performance.now();
    timer = setTimeout(end, MOST_MS);
  };
  const restart = () => enter(under?.isConnected ? under : undefined);

  // The focus may also go to a frame within the page.
  listen("blur", ({ target }) => {
    if (target === window && !document.hasFocus()) enter(undefined);
  });

  return {
    _listen: (root) =>
      listen(
        "pointerover pointerout",
        (happened) => {
          const { pointerType, type, relatedTarget } = happened as PointerEvent;
          if (pointerType !== "mouse") return;
          const on = type === "pointerover" ? find(pathOf(happened), TAGGED) : relatedTarget ? under : undefined;
          if (on !== under) enter(on);
        },
        root,
      ),
    _end: end,
    _restart: restart,
    _check() {
      if (under && (!under.isConnected || tagOf(under) !== name)) restart();
    },
  };
}
