/**
 * Where the visitor is: the page's facts at one moment, and which addresses count as the same page.
 * Never reads layout: width and height are the screen's, which cost nothing to ask.
 */

import type { Params } from "./event.js";
import { attempt } from "./guard.js";

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
export function asOf<T>(page: Page, run: () => T): T | undefined {
  past = page;
  const value = attempt(run);
  past = undefined;
  return value;
}

const CAMPAIGN = /^utm_(source|medium|campaign|term|content)$/;
/** Parameters that say how a visitor came, not which page this is. */
const NOISE = /^(utm_.*|gclid|dclid|fbclid|msclkid|ttclid|twclid|gbraid|wbraid|_gl)$/;

/** What makes an address a page: its path with the hash that routes (`#/cart`, `#!cart`; a plain anchor is the same page), and its query. */
function pageOf(address: string, filtered?: boolean): string {
  const { pathname, hash, searchParams } = new URL(address);
  const query = [...searchParams].filter(([name]) => !filtered && !NOISE.test(name));
  return `${pathname + (/^#[/!]/.test(hash) ? hash : "")}?${new URLSearchParams(query)}`;
}

/** Whether two addresses are one page. `filtered`: also where only the query differs, as a changed filter does. */
export const samePage = (one: string, other: string, filtered?: boolean): boolean =>
  pageOf(one, filtered) === pageOf(other, filtered);

/** The campaign named in an address: its utm parameters that have a value. */
export const campaign = (address: string): Params =>
  Object.fromEntries([...new URL(address).searchParams].filter(([name, value]) => value && CAMPAIGN.test(name)));

/** The params of a page.visit beyond those that every event has, and where the visitor came from. */
export const visitParams = (): Params => ({
  width: screen.width,
  height: screen.height,
  language: navigator.language,
});
