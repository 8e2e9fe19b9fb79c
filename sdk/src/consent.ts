/**
 * Consent: while it is pending everything stays in memory, a refusal forgets all, a grant records what was held.
 * Never touches storage or network before the grant, but for the answer itself, which is kept so that nobody is asked twice.
 */

import type { Verdict } from "./event.js";
import { attempt, each, listen, verdict } from "./guard.js";
import { keepAll, recall, remember } from "./keep.js";
import type { Host } from "./part.js";
import { SESSION } from "./session.js";
import { erase, names, shutStorage, write } from "./store.js";
import { isUuid } from "./uuid.js";

export type Consent = "pending" | "granted" | "denied";

const NAME = "tw_consent";
/** Tells the other tabs, which hear of changes in localStorage. */
const SHARED = "tw:consent";
/** Most events held while the answer is pending. */
const HELD_MAX = 100;

/** Where a visitor stands who has, or has not, answered before. An answer outranks the browser's signal. */
export function standing(kept: string | undefined, required: boolean, objects: boolean): Consent {
  if (kept === "granted" || kept === "denied") return kept;
  return objects ? "denied" : required ? "pending" : "granted";
}

/** Whether the browser asks not to be passed on (Global Privacy Control). */
export const optedOut = (): boolean => !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;

export function consent(host: Host): void {
  const { consent: wanted, gpc, stopped, _cookieSeconds: seconds } = host._settings;
  let held: (() => void)[] = [];
  let status: Consent | undefined;
  /** Nothing is left in the browser, whatever the answer. */
  let unseen = stopped;
  const shut = () => shutStorage(unseen || status !== "granted");
  /** Where the visitor stands: looked up when it is first asked for, since the page's first look into storage takes 10 ms on a phone. */
  const stands = (): Consent => {
    if (!status) {
      status = standing(recall(NAME), wanted === "required", gpc === "deny" && optedOut());
      shut();
    }
    return status;
  };
  setTimeout(stands);
  host._leaveNothing = () => {
    unseen = true;
    shut();
  };

  const forget = (here: boolean) => {
    for (const entry of [...host._queue.entries]) host._queue.end(entry, "rejected", "consent_denied");
    for (const name of ["tw_uuid", SESSION, "tw_known"]) remember(name, "", 0);
    if (here) names("tw:").forEach(erase); // another tab has done so already, and left its answer
  };
  const answer = (next: Consent, here: boolean) => {
    if (stands() === next) return;
    status = next;
    shutStorage(false);
    if (next === "denied") forget(here);
    if (here) {
      remember(NAME, next, seconds);
      write(SHARED, next);
    }
    shut();
    const runs = held;
    held = [];
    if (next === "granted") {
      keepAll(seconds);
      each(runs, undefined);
    }
  };

  const ruled = host._veto;
  host._veto = (action) => (stands() === "denied" ? "consent_denied" : ruled(action));
  const put = host._write;
  host._write = async (...event): Promise<Verdict> => {
    if (stands() !== "pending") return put(...event);
    const room = held.length < HELD_MAX;
    if (room) held.push(() => put(...event));
    return verdict(room ? "queued" : "dropped", "consent_pending");
  };
  const become = host._become;
  host._become = (uuid) => {
    const other = isUuid(uuid) && uuid !== host._identity._get();
    const done = become(uuid);
    if (other) held = []; // whoever leaves has not agreed
    return done;
  };
  // A page in the back/forward cache is told of no change (WebKit), and looks when it comes back.
  listen("storage pageshow", (event) => {
    const { key, persisted } = event as StorageEvent & PageTransitionEvent;
    const said = (persisted || key === SHARED) && attempt(() => localStorage.getItem(SHARED));
    if (said) answer(said as Consent, false);
  });
  host._api.consent = {
    grant: () => answer("granted", true),
    deny: () => answer("denied", true),
    status: stands,
  };
}
