/**
 * Secrets out of addresses: what a link of a mail or a login carries in its query belongs to nobody's statistics.
 * Pure. Never changes what is no address, and never makes an address longer than it was by more than the marker.
 */

import type { Params } from "./event.js";

/** What stands where something was taken out. */
const GONE = "removed";
/** Query parameters that end so (`email`, `user_email`, `resetToken`) never keep their value. */
export const SECRETS =
  /([?&#;/][^=&#?;/]{0,99}(?:mail|token|jwt|auth|pass(?:word|wd)?|pwd|secret|otp|phone|sid|session_?id|api_?key|ssn|iban|tw_link)(?:]|%5D)*=)[^&#;]+/gi;

/** A function that takes secrets out of one address; `named`: the parameters with a name that tells one, up to its value as the first group. */
export function scrubber(named: RegExp): (address: string) => string {
  return (address) =>
    address
      .replace(/\/\/[^/?#]*@/, "//")
      .replace(named, `$1${GONE}`)
      .replace(/[\w.+%-]{1,64}(?:@|%40)[\w-]+(?:\.[\w-]+)+|eyJ[\w-]{1,999}\.[\w-]+\.[\w-]*/g, GONE);
}

/** Whether a param's value is an address, or a piece of one that names the campaign. */
const isAddress = (name: string, value: string): boolean => /^(https?:)?\/\//i.test(value) || /^utm_/.test(name);

/** Params as JSON → the same params with scrubbed addresses. */
export const refineParams = (json: string, scrub: (address: string) => string): Params =>
  JSON.parse(json, (name, value) => (typeof value === "string" && isAddress(name, value) ? scrub(value) : value));
