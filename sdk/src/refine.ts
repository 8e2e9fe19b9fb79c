/**
 * The last look at each event before it is queued: secrets out of addresses, params that the site does not want,
 * then the page's own hook. Also what the server says of the whole site: its kill switch, a rule that came later.
 * Never lets an event pass that the hook failed on: it is mostly there to take something out.
 */

import type { BeforeSend } from "./config.js";
import { optedOut } from "./consent.js";
import { attempt, textOf, verdict } from "./guard.js";
import type { Host } from "./part.js";
import { refineParams, SECRETS, scrubber } from "./scrub.js";

export function refine(host: Host): void {
  const { beforeSend, gpc, rules, scrub, stopped } = host._settings;
  const clean = scrub === false ? String : scrubber(SECRETS);
  let hook: BeforeSend | undefined = beforeSend;
  let halt = stopped;

  const ruled = host._veto;
  host._veto = (action) => (halt ? "stopped" : ruled(action));
  const delivery = host._delivery;
  delivery._pass = () => (halt ? undefined : "");
  delivery._heed = (code, entry) => {
    if (code === "stopped") halt = true;
    // A rule that the server has and this page has not: the page keeps to it from now on.
    if (code === "denied" || code === "not_allowed") {
      rules.deny = [...rules.deny, JSON.parse(entry?.json as string).action];
    }
    return false;
  };
  host._api.init = async (options) => {
    hook = options?.beforeSend ?? hook;
  };
  const put = host._put;
  host._put = async (event, json) => {
    const params = refineParams(json, clean);
    if (event.action === "session.start" && gpc !== "ignore" && optedOut()) params.gpc = true;
    const seen = { ...event, params };
    if (hook && !attempt(() => ![null, false].includes((hook as BeforeSend)(seen) as null)))
      return verdict("rejected", "before_send");
    event.label = seen.label;
    return put(event, textOf(seen.params ?? {}));
  };
}
