/**
 * Where the SDK begins: the one place that joins its parts.
 * Never runs a site twice in one document: a second copy gets the first one's API.
 */

import type { Trackway } from "./api.js";
import { settle, type Whole } from "./config.js";
import type { Params } from "./event.js";
import { attempt, each } from "./guard.js";
import type { Load } from "./lazy.js";
import type { Host, Part } from "./part.js";
import { install, stubOf } from "./stub.js";
import { track } from "./tracker.js";

/**
 * Starts tracking for one site and makes the global named in the configuration.
 * `from`: the script's address; `since`: when it began, epoch ms. `guards` stand before the first event; `load`: how it gets
 * at its rarer files; `clean`: what it lets through of form data that the application hands in.
 * Needs a browser; call it as early as possible. A second call for the same key answers with the first call's API.
 */
export function run(
  config: Whole,
  from: string,
  since: number,
  parts: Part[],
  guards: Part[],
  load: Load,
  clean = (params: Params): Params => params,
): Trackway {
  const { key, name } = config;
  /** The running trackers of this document, seen by every copy of this file. */
  const running = window as unknown as { [id: string]: Trackway };
  const id = `__trackway${key}`;
  attempt(() => {
    if (!running[id]) {
      const tracker = track(settle(config, new URL(from).origin), load, clean);
      running[id] = tracker._api;
      each(guards, tracker as Host);
      tracker._watch((name && stubOf(name)?.q[0]?.[2]) || since, parts);
    }
    if (name) install(name, running[id]);
  });
  return running[id] as Trackway;
}
