/**
 * The npm package: the same SDK for applications that bundle it.
 * Never touches the browser on import, so that it can be imported on a server; there `start` answers with calls that do nothing.
 */

import { add } from "./ahead.js";
import type { Trackway } from "./api.js";
import type { Config } from "./config.js";
import { whole } from "./defaults.js";
import type { Verdict } from "./event.js";
import { withoutSecrets } from "./fields.js";
import { GUARDS, PARTS } from "./full.js";
import { later } from "./later.js";
import { type Load, source } from "./lazy.js";
import { run } from "./start.js";

export type { EventMap, Trackway } from "./api.js";
export type { BeforeSend, Config } from "./config.js";
export type { Consent } from "./consent.js";
export type { Params, Verdict } from "./event.js";
export type { Rules } from "./rules.js";

const nothing = (): Promise<Verdict> => Promise.resolve({ id: "", status: "dropped", code: "no_browser" });

const idle = (): Trackway => ({
  init: () => Promise.resolve(),
  debug: () => {},
  event: { trackCustomEvent: nothing, pageVisit: nothing, sendFormData: nothing, flush: () => Promise.resolve() },
  forms: { scan: () => {} },
  client: {
    identify: nothing,
    getUuid: () => "",
    setUuid: () => false,
    reset: () => {},
    setAccessToken: () => {},
    clearAccessToken: () => {},
    onTokenExpired: () => {},
  },
  consent: { grant: () => {}, deny: () => {}, status: () => "pending" },
});

/** What only some pages need, as chunks of the application that bundles this. */
const chunk: Load = (name) =>
  name === "errors"
    ? import("./errors.js")
    : name === "vitals"
      ? import("./vitals.js")
      : name === "extras"
        ? import("./extras.js")
        : import("./overlay.js");

function begin(config: Config): Trackway {
  const parts = [...PARTS, later];
  const guards = [...GUARDS];
  add(guards);
  return run(whole(config), source(), Date.now(), parts, guards, chunk, withoutSecrets);
}

/**
 * Starts tracking for one site. `endpoint` should be set: a bundled file does not know where the collector is.
 * On a server it does nothing, and every verdict is `dropped` with the code `no_browser`.
 */
export const start = (config: Config): Trackway => (typeof document === "undefined" ? idle() : begin(config));
