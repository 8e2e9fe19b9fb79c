/**
 * Who this device is known to belong to, so that another customer on it becomes another visitor.
 * Never keeps an identifier: only a short hash beside the uuid it goes with, which tells two apart and cannot be read back.
 */

import { attempt } from "./guard.js";
import { recall, remember } from "./keep.js";
import type { Host } from "./part.js";
import { uuid7 } from "./uuid.js";

const NAME = "tw_known";

/** A hash of 32 bits in base 36: a polynomial in an odd constant, enough to tell apart and too little to read back. */
export function hash(text: unknown): string {
  let sum = 7;
  for (const char of String(text)) sum = Math.imul(sum, 16777619) + (char.codePointAt(0) as number);
  return (sum >>> 0).toString(36);
}

/** How somebody is named: by customer number, else by e-mail; "" for neither. */
export const nameOf = (customId: unknown, email?: unknown): string =>
  customId ? `c${hash(customId)}` : email ? `e${hash(`${email}`.trim().toLowerCase())}` : "";

/** Whether somebody else than the known one is named; a customer number says nothing about an e-mail. */
export const isOther = (known: string, named: string): boolean => known[0] === named[0] && known !== named;

export function known(host: Host): void {
  /** How the device's customer was named; "" when this uuid's is not known. */
  const knownAs = (): string => recall(NAME)?.split(host._identity._get())[1] ?? "";
  host._knownId = () => knownAs().match(/^c(.*)/)?.[1] ?? "";
  host._meet = (named) => {
    if (!named || (host._knownId() && named[0] === "e")) return;
    if (isOther(knownAs(), named)) host._become(uuid7(Date.now()));
    remember(NAME, host._identity._get() + named, host._settings._cookieSeconds);
  };
  const { client } = host._api;
  const { identify } = client;
  client.identify = (who) => {
    attempt(() => host._meet(nameOf(who.customId, who.email)));
    return identify(who);
  };
}
