/**
 * Where the visitor is: the page's facts at one moment, and which addresses count as the same page.
 * Never reads layout: width and height are the screen's, which cost nothing to ask.
 */

import type { Params } from "./event.js";

/** The page at the moment something happened; `time` in epoch ms. */
export interface Page {
  time: number;
  url: string;
  title: string;
  referrer: string;
}

let past: Page | undefined;

/** The page now, or the one of the call being replayed. */
export const here = (): Page =>
  past ?? { time: Date.now(), url: location.href, title: document.title, referrer: document.referrer };

/** Runs a call that was made earlier, as of the page it was made on. */
export function asOf<T>(page: Page, run: () => T): T {
  past = page;
  try {
    return run();
  } finally {
    past = undefined;
  }
}

const CAMPAIGN = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
/** Parameters that say how a visitor came, not which page this is. */
const NOISE = /^(utm_|(gclid|dclid|fbclid|msclkid|ttclid|twclid|gbraid|wbraid|_gl)$)/;

/** The part of the hash that routes (`#/cart`, `#!cart`); a plain anchor is the same page. */
const route = (url: URL): string => (/^#[/!]/.test(url.hash) ? url.hash : "");

/** The address without its query, for telling a changed page from a changed filter. */
export function pagePath(address: string): string {
  const url = new URL(address);
  return url.pathname + route(url);
}

/** The address with everything removed that does not make it another page. Two visits of one key in a row are one. */
export function pageKey(address: string): string {
  const url = new URL(address);
  const query = [...url.searchParams].filter(([name]) => !NOISE.test(name));
  return `${url.pathname}?${new URLSearchParams(query)}${route(url)}`;
}

/** The campaign named in an address: its utm parameters that have a value. */
export function campaign(address: string): Params {
  const query = new URL(address).searchParams;
  return Object.fromEntries(CAMPAIGN.map((name) => [name, query.get(name)] as const).filter(([, value]) => value));
}

/** The params of a page.visit beyond those that every event has, and where the visitor came from. */
export const visitParams = (page: Page): Params => ({
  ...campaign(page.url),
  width: screen.width,
  height: screen.height,
  language: navigator.language,
});
