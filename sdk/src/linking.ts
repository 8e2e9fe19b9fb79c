/**
 * One visitor across the site's domains: a link to one of them carries the uuid, for two minutes, for this browser only.
 * Never overrides a visitor who is known or arrives from elsewhere, and leaves no trace in the page or its address.
 */

import { optedOut } from "./consent.js";
import { listen } from "./guard.js";
import { hash } from "./known.js";
import type { Host } from "./part.js";
import { isUuid } from "./uuid.js";

const PARAM = "tw_link";
/** How long a link may be on its way. */
const LINK_MS = 120_000;

/** Whether a host is one of the domains, or under one. */
export const isWithin = (host: string, domains: string[]): boolean =>
  domains.some((domain) => host === domain || host.endsWith(`.${domain}`));

/** Ties a link to this browser, so that one that was copied and sent on is nobody's. */
const seal = (uuid: string, stamp: string): string => hash(uuid + stamp + navigator.userAgent + navigator.language);

/** What a link carries: the uuid, when (epoch ms, base 36), and the seal. */
export function carry(uuid: string, now: number): string {
  const stamp = now.toString(36);
  return `${uuid}.${stamp}.${seal(uuid, stamp)}`;
}

/** The uuid that a link carried, when it is recent and was made in this browser; else "". */
export function carried(text: string, now: number): string {
  const [uuid = "", stamp = "", sealed] = text.split(".");
  const age = Math.abs(now - Number.parseInt(stamp, 36));
  return isUuid(uuid) && age < LINK_MS && sealed === seal(uuid, stamp) ? uuid : "";
}

export function linking(host: Host): void {
  const { link_domains: domains = [], gpc, cookieless } = host._settings;
  if (!domains.length || cookieless) return;
  const barred = () => (gpc !== "ignore" && optedOut()) || host._api.consent.status() !== "granted";
  const url = new URL(location.href);
  const link = url.searchParams.get(PARAM);
  if (link) {
    url.searchParams.delete(PARAM);
    history.replaceState(history.state, "", url);
    const from = document.referrer && new URL(document.referrer).hostname;
    const uuid = carried(link, Date.now());
    if (uuid && from && isWithin(from, domains) && !host._knownId() && !barred()) host._become(uuid);
  }
  listen("click auxclick", (event) => {
    const anchor = event.composedPath().find((node) => (node as Element).localName === "a") as HTMLAnchorElement;
    if (!anchor?.href || barred() || !/^https?:$/.test(anchor.protocol)) return;
    if (anchor.hostname === location.hostname || !isWithin(anchor.hostname, domains)) return;
    const plain = anchor.getAttribute("href") as string;
    const decorated = new URL(anchor.href);
    decorated.searchParams.set(PARAM, carry(host._identity._get(), Date.now()));
    anchor.href = decorated.href;
    setTimeout(() => anchor.setAttribute("href", plain));
  });
}
