/**
 * The part that loads what a site opts into: script errors and web vitals, each in a file of its own.
 * Never loads before the page is idle; errors that happen until then are kept for the file to judge.
 */

import { listen, log } from "./guard.js";
import { here, type Page } from "./page.js";
import type { Host } from "./part.js";

/** Most errors kept until the file that judges them has arrived. */
const EARLY_MAX = 20;

/** What the files offer. `page`: where it began; `early`: errors that happened already, and where later ones are put. */
export interface OptInFile {
  watch(host: Host, page: Page, early: Event[]): void;
}

/** Loads what the site's settings ask for. */
export function optIns(host: Host): void {
  const { errors, vitals } = host._settings.features;
  const page = here();
  const early: Event[] = [];
  const whenIdle = window.requestIdleCallback ?? setTimeout;
  const load = (name: string) =>
    whenIdle(() => host._load(name).then((file) => (file as OptInFile).watch(host, page, early), log));
  if (errors) {
    listen(window, "error unhandledrejection", (event) => early.length < EARLY_MAX && early.push(event));
    load(__ERRORS__);
  }
  if (vitals) load(__VITALS__);
}
