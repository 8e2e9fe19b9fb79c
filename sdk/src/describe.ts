/**
 * What an element without a tag is called, in words a person would use for it.
 * Never reads what a visitor typed or chose, nor layout or computed style.
 */

import { NAME_MAX } from "./tagged.js";

/** What people click on. */
export const INTERACTIVE =
  "a[*|href],area,button,input,select,textarea,summary,label,[onclick],[tabindex='0'],[role=button],[role=link],[role=tab],[role=option],[role=switch],[role=checkbox],[role=radio],[role^=menuitem]";
/** E-mail addresses and long numbers, which may stand in the words of a link. */
const PERSONAL = /\S+@\S+|\d{5,}/g;
/** Holds what visitors type or choose. */
const FIELD = "input,select,textarea";
/** All in it may be the visitor's own words. */
const EDITOR = "[contenteditable]:not([contenteditable=false])";
/** An id that somebody wrote, rather than a program. */
const WRITTEN = /^[a-z_-]+\d{0,2}$/i;

/** The words as a name: on one line, without what may be personal, at most `NAME_MAX` characters. */
export const asName = (words: string | null | undefined): string =>
  (words ?? "").replace(/\s+/g, " ").trim().replace(PERSONAL, "*").slice(0, NAME_MAX);

/** What the element says or shows, else its name or id, where it leads, or what it is. */
export function describe(element: Element): string {
  const { type, value, labels, id, pathname, localName } = element as HTMLInputElement & HTMLAnchorElement;
  if (element.closest(EDITOR)) return localName;
  const read = (name: string, from: Element | null = element) => from?.getAttribute(name);
  const button = localName === "input" && /^(submit|button|reset)$/.test(type);
  const picture = element.querySelector("[alt]:not([alt='']),[aria-label]");
  const candidates = [
    read("aria-label"),
    button ? value : "",
    element.matches(FIELD) ? "" : element.textContent,
    labels?.[0]?.textContent,
    read("alt"),
    read("alt", picture) || read("aria-label", picture),
    read("title"),
    read("placeholder"),
    read("name"),
    WRITTEN.test(id) ? id : "",
    pathname,
  ];
  return candidates.map(asName).find(Boolean) ?? localName;
}
