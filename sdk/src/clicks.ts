/**
 * Clicks: of tagged elements, of links to files and to other sites.
 * Heard before the page can stop them; never prevented, never delayed. Clicks that scripts make up do not count.
 */

import { attempt, listen } from "./guard.js";
import type { Part } from "./part.js";
import { read } from "./store.js";
import { find, pathOf, TAGGED, tagOf } from "./tagged.js";

const FILE =
  /\.(7z|apk|csv|dmg|docx?|epub|exe|gz|ics|iso|mp[34]|msi|od[pst]|pdf|pkg|pptx?|rar|rtf|tar|txt|xlsx?|zip)$/i;

/** The site's own domain, with all below it: the one that the core has found for its cookies, else the page's host. */
const home = () => read("tw:domain") || location.hostname.replace(/^www\./, "");

/** Where a link leads, one of an svg too. */
const addressOf = ({ href }: { href: string | SVGAnimatedString }): URL | undefined =>
  attempt(() => new URL((href as SVGAnimatedString).baseVal ?? href, document.baseURI));

const decoded = (text: string) => attempt(() => decodeURIComponent(text)) ?? text;

/** Begins to watch clicks. */
export const clicks: Part = (host) => {
  const { elements, outbound, downloads } = host._settings.features;
  /** The field that the browser clicks next, because its label was clicked. */
  let echo: Element | null | undefined;

  listen("click auxclick", (happened) => {
    const event = happened as PointerEvent;
    const path = pathOf(event);
    if (!event.isTrusted || event.button > 1 || !path[0] || path[0] === echo) return;
    echo = (find(path, "label") as HTMLLabelElement | undefined)?.control;
    if (echo)
      setTimeout(() => {
        echo = null;
      });
    const tagged = find(path, TAGGED);
    const link = find(path, "a[*|href],area") as HTMLAnchorElement | undefined;
    const url = link && addressOf(link);
    const href = url && /^http/.test(url.protocol) ? url.origin + url.pathname : undefined;
    const element = tagged && tagOf(tagged);
    // The middle button opens a new tab; a keyboard's click has no pointer.
    const by = event.button ? "middle" : (event.pointerType ?? "mouse") || "keyboard";
    if (tagged && elements) host._note("element.click", { element, href, by });
    host._clicked?.(event, path, tagged, url, { href, by });
    if (!url) return;
    const file = link.getAttribute("download") ?? (FILE.test(url.pathname) ? "" : null);
    if (downloads && file != null)
      host._note("file.download", { element, href, file: file || decoded(url.pathname.split("/").pop() as string) });
    else if (outbound && href && url.origin !== origin && !`.${url.hostname}`.endsWith(`.${home()}`))
      host._note("link.outbound", { element, href });
  });
};
