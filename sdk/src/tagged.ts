/**
 * Which elements an event is about, and what they are called.
 * Never reads layout or computed style.
 */

export const TAGGED = "[data-track]:not([data-track=''])";
/** What is to be left out, with all that is in it. */
export const IGNORED = "[data-track-ignore]";
/** Longest name. */
export const NAME_MAX = 80;

/** The elements that an event passed, innermost first, through open shadow roots; none when one of them is to be ignored. */
export function pathOf(event: Event): Element[] {
  const path = event.composedPath().filter((node): node is Element => (node as Node).nodeType === 1);
  return find(path, IGNORED) ? [] : path;
}

/** The innermost of them that the selector names. */
export const find = (path: Element[], selector: string): Element | undefined =>
  // Not the element's own property: a form's field called "matches" takes its place.
  path.find((element) => Element.prototype.matches.call(element, selector));

/** The name in data-track, "" when there is none. */
export const tagOf = (element: Element): string => (element.getAttribute("data-track") ?? "").slice(0, NAME_MAX);
