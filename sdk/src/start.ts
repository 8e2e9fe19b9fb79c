/**
 * Where the SDK begins: the one place that joins its parts.
 * Never runs a site twice in one document: a second copy gets the first one's API.
 */

import type { Trackway } from "./api.js";
import { type Config, settle } from "./config.js";
import type { Params } from "./event.js";
import { attempt, each } from "./guard.js";
import { type Load, source } from "./lazy.js";
import type { Host, Part } from "./part.js";
import { install, stubOf } from "./stub.js";
import { track } from "./tracker.js";

/** The running trackers of this document by site key, seen by every copy of this file. */
interface Running {
  [key: string]: Trackway;
}

/**
 * Starts tracking for one site and makes the global named in the configuration.
 * `guards` stand before the first event; `load`: how it gets at its rarer files; `clean`: what it lets through of form data that the application hands in.
 * Needs a browser; call it as early as possible. A second call for the same key answers with the first call's API.
 */
export function run(
  config: Config,
  parts: Part[],
  guards: Part[],
  load: Load,
  clean = (params: Params): Params => params,
): Trackway {
  const { key, name } = config;
  const page = window as { __trackway?: Running };
  page.__trackway ??= {};
  const running = page.__trackway;
  attempt(() => {
    if (!running[key]) {
      const tracker = track(settle(config, new URL(source()).origin), load, clean);
      running[key] = tracker._api;
      each(guards, tracker as Host);
      tracker._watch((name && stubOf(name)?.q[0]?.[2]) || Date.now(), parts);
    }
    if (name) install(name, running[key]);
  });
  return running[key] as Trackway;
}
