/**
 * Clicks in anger (rage: again and again, and nothing happens) and in vain (dead: nothing happens at all).
 * Whatever the page does after a click is an answer, so that steppers and carousels are neither.
 * The document is watched for changes only while a click waits for its answer.
 */

import { INTERACTIVE } from "./describe.js";
import { listen } from "./guard.js";
import { here } from "./page.js";
import type { Host } from "./part.js";
import { find } from "./tagged.js";

/** So many unanswered clicks within the time and the distance (CSS pixels) are rage. */
const RAGE_CLICKS = 4;
const RAGE_MS = 1_000;
const RAGE_PX = 30;
/** A click that nothing has answered by then is dead. */
const DEAD_MS = 2_000;
/** Most dead clicks reported of one document. */
const DEAD_MAX = 10;
/** Where people click often, or where an answer cannot be seen. */
const RESTLESS = "input,select,textarea,video,audio,canvas,[contenteditable],[role=slider],[role=spinbutton]";
/** What shows that something came of a click, beside a changed document and a navigation. */
const ANSWERS = "scroll change submit invalid play pause copy visibilitychange focusin blur";

/** Takes each click: what it passed, on what it was, called what, and where it leads. */
export type Vent = (event: MouseEvent, path: Element[], actor: Element, element: string, url?: URL) => void;

/** Begins to watch for answers. */
export function vent(host: Host): Vent {
  let answers = 0;
  let dead = 0;
  let recent: [click: MouseEvent, actor: Element, answers: number][] = [];
  const answer = () => {
    answers++;
    observer.disconnect();
  };
  const observer = new MutationObserver(answer);
  /** Whether a button of the mouse is down: the focus then moves by the visitor's next click, which is no answer. */
  let pressing = false;
  listen("pointerdown pointerup pointercancel", ({ type }) => {
    pressing = type === "pointerdown";
  });
  listen(ANSWERS, ({ type, target }) => {
    if (type === "blur" ? target === window : type !== "focusin" || !pressing) answer();
  });
  host._onVisit(answer);
  // On its way to another page. A link to "#" navigates as well, and that is none.
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation)
    listen(
      "navigate",
      (event) => {
        if (!(event as { hashChange?: boolean }).hashChange) answer();
      },
      navigation,
    );

  return (event, path, actor, element, url) => {
    // A key held down clicks on and on, without detail.
    if (event.button || !event.detail || find(path, RESTLESS)) return;
    recent = recent.filter(
      ([was, on, then]) =>
        on === actor &&
        then === answers &&
        event.timeStamp - was.timeStamp < RAGE_MS &&
        Math.hypot(event.clientX - was.clientX, event.clientY - was.clientY) <= RAGE_PX,
    );
    const then = answers;
    const page = here();
    const leads = url && url.pathname + url.search !== location.pathname + location.search;
    if (find(path, INTERACTIVE) && !leads && !recent.length)
      setTimeout(() => {
        if (answers === then && dead++ < DEAD_MAX) host._note("element.dead", { element }, page);
      }, DEAD_MS);
    const count = recent.push([event, actor, then]);
    // Clicking on and on is how words are selected.
    if (count === RAGE_CLICKS && getSelection()?.isCollapsed !== false) host._note("element.rage", { element });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  };
}
