/**
 * The part that loads what a site opts into and nothing has to wait for, each in a file of its own.
 * Errors that happen until their file has arrived are kept for it to judge.
 */

import { listen, log } from "./guard.js";
import type { Load } from "./lazy.js";
import type { Host } from "./part.js";

/** Most errors kept until the file that judges them has arrived. */
const EARLY_MAX = 20;

/** What the files offer. `early`: errors that happened already, and where later ones are put. */
export interface LaterFile {
  watch(host: Host, early: Event[]): void;
}

/** Loads what the site's settings ask for. */
export function later(host: Host): void {
  const { autocapture, errors, frustration, vitals } = host._settings.features;
  const early: Event[] = [];
  const load = (name: Parameters<Load>[0]) =>
    host._load(name).then((file) => (file as LaterFile).watch(host, early), log);
  if (errors) {
    listen("error unhandledrejection", (event) => early.length < EARLY_MAX && early.push(event));
    load("errors");
  }
  if (vitals) load("vitals");
  if (autocapture || frustration) load("extras");
}
