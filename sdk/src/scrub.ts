/**
 * Secrets out of addresses: what a link of a mail or a login carries in its query belongs to nobody's statistics.
 * Pure. Never changes what is no address, and never makes an address longer than it was by more than the marker.
 */

import type { Params } from "./event.js";

/** What stands where something was taken out. */
const GONE = "removed";
/** Query parameters that end so (`email`, `user_email`, `resetToken`) never keep their value. */
const SECRET = "mail|token|jwt|auth|pass(?:word|wd)?|pwd|secret|otp|phone|sid|session_?id|api_?key|ssn|iban|tw_link";

/** A function that takes secrets out of one address; `names` are more parameters, by their whole name, in any case. */
export function scrubber(names: string[] = []): (address: string) => string {
  const whole = names.map((name) => name.replace(/\W/g, "\\$&")).join("|");
  const own = whole && `|(?:${whole})`;
  const named = new RegExp(`([?&#;/](?:[^=&#?;/]{0,99}(?:${SECRET})(?:]|%5D)*${own})=)[^&#;]+`, "gi");
  return (address) =>
    address
      .replace(/\/\/[^/?#]*@/, "//")
      .replace(named, `$1${GONE}`)
      .replace(/[\w.+%-]{1,64}(?:@|%40)[\w-]+(?:\.[\w-]+)+|eyJ[\w-]{1,999}\.[\w-]+\.[\w-]*/g, GONE);
}

/** Whether a param's value is an address, or a piece of one that names the campaign. */
const isAddress = (name: string, value: string): boolean => /^(https?:)?\/\//i.test(value) || /^utm_/.test(name);

/**
 * Params as JSON → the same params without those named in `drop`, at any depth, and with scrubbed addresses.
 */
export const refineParams = (json: string, drop: string[], scrub: (address: string) => string): Params =>
  JSON.parse(json, (name, value) => {
    if (drop.includes(name)) return undefined;
    return typeof value === "string" && isAddress(name, value) ? scrub(value) : value;
  });
