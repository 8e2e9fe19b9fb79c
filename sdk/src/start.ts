/**
 * Where the SDK begins: the one place that joins its parts.
 * Never runs a site twice in one document: a second copy gets the first one's API.
 */

import type { Trackway } from "./api.js";
import { type Config, settle } from "./config.js";
import { attempt, each } from "./guard.js";
import type { Part } from "./part.js";
import { install, stubOf } from "./stub.js";
import { Tracker } from "./tracker.js";

/** The running trackers of this document by site key, seen by every copy of this file. */
const running = (): { [key: string]: Trackway } => {
  const here = window as { __trackway?: { [key: string]: Trackway } };
  here.__trackway ??= {};
  return here.__trackway;
};

/** The origin that this file was loaded from; the page's own where that cannot be told (modules). */
function origin(): string {
  const script = document.currentScript as HTMLScriptElement | null;
  return script?.src ? new URL(script.src).origin : location.origin;
}

/**
 * Starts tracking for one site and makes the global named in the configuration.
 * Needs a browser; call it as early as possible. A second call for the same key answers with the first call's API.
 */
export function run(config: Config, parts: Part[], guards: Part[] = []): Trackway {
  const known = running()[config.key];
  const tracker = known ? undefined : new Tracker(settle(config, origin()));
  const api = known ?? (tracker as Tracker)._api;
  running()[config.key] = api;
  const name = config.name ?? "";
  attempt(() => {
    each(guards.map((guard) => () => tracker && guard(tracker)));
    tracker?.watch((name && stubOf(name)?.q[0]?.[2]) || Date.now(), parts);
    if (name) install(name, api);
  });
  return api;
}
