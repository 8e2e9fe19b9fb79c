/**
 * Clicks: of tagged elements, of untagged ones where the site asks for it, of links to files and to other sites.
 * Heard before the page can stop them; never prevented, never delayed. Clicks that scripts make up do not count.
 */

import type { Vent } from "./frustration.js";
import { attempt, listen, log } from "./guard.js";
import type { Host, Part } from "./part.js";
import { read } from "./store.js";
import { find, pathOf, TAGGED, tagOf } from "./tagged.js";
import { OPTINS } from "./variant.js";

const FILE =
  /\.(7z|apk|csv|dmg|docx?|epub|exe|gz|ics|iso|mp[34]|msi|od[pst]|pdf|pkg|pptx?|rar|rtf|tar|txt|xlsx?|zip)$/i;

/** The site's own domain, with all below it: the one that the core has found for its cookies, else the page's host. */
const home = () => read("tw:domain") || location.hostname.replace(/^www\./, "");

/** Where a link leads, one of an svg too. */
const addressOf = ({ href }: { href: string | SVGAnimatedString }): URL | undefined =>
  attempt(() => new URL((href as SVGAnimatedString).baseVal ?? href, document.baseURI));

const decoded = (text: string) => attempt(() => decodeURIComponent(text)) ?? text;

/** What a file of its own offers: names of untagged elements, and an eye on clicks in anger or in vain. */
export interface Extras {
  /** The selector of what people click on. */
  _interactive: string;
  _describe(element: Element): string;
  _vent(host: Host): Vent;
}

/** Begins to watch clicks. */
export const clicks: Part = (host) => {
  const { elements, autocapture, outbound, downloads, frustration } = host._settings.features;
  let extras: Extras | undefined;
  let vent: Vent | false | undefined;
  if (OPTINS && (autocapture || frustration))
    host._load("extras").then((file) => {
      extras = (file as { extras: Extras }).extras;
      vent = frustration && extras._vent(host);
    }, log);
  /** The field that the browser clicks next, because its label was clicked. */
  let echo: Element | null | undefined;

  listen("click auxclick", (happened) => {
    const event = happened as PointerEvent;
    const path = pathOf(event);
    if (!event.isTrusted || event.button > 1 || !path[0] || path[0] === echo) return;
    echo = (find(path, "label") as HTMLLabelElement | undefined)?.control;
    setTimeout(() => {
      echo = null;
    });
    const tagged = find(path, TAGGED);
    const actor = OPTINS && extras && find(path, extras._interactive);
    const link = find(path, "a[*|href],area") as HTMLAnchorElement | undefined;
    const url = link && addressOf(link);
    const href = url && /^http/.test(url.protocol) ? url.origin + url.pathname : undefined;
    const element = tagged ? tagOf(tagged) : OPTINS && actor ? extras?._describe(actor) : undefined;
    // The middle button opens a new tab; a keyboard's click has no pointer.
    const by = event.button ? "middle" : (event.pointerType ?? "mouse") || "keyboard";
    if (tagged ? elements : OPTINS && actor && autocapture)
      host._note("element.click", { element, href, by, auto: !tagged || undefined });
    if (url) {
      const file = link.getAttribute("download") ?? (FILE.test(url.pathname) ? "" : null);
      if (downloads && file != null)
        host._note("file.download", {
          element,
          href,
          file: file || decoded(url.pathname.split("/").pop() as string),
        });
      else if (outbound && href && !`.${url.hostname}`.endsWith(`.${home()}`))
        host._note("link.outbound", { element, href });
    }
    const on = tagged ?? actor;
    if (OPTINS && vent && on && element) vent(event, path, on, element, url);
  });
};
