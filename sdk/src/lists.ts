/**
 * What a site adds to what never leaves the browser: params that are taken out of every event, parameters of addresses that
 * never keep their value.
 */

import { textOf } from "./guard.js";
import type { Host } from "./part.js";
import { refineParams, scrubber } from "./scrub.js";

/** What tells the parameters with these names, whole and in any case, up to their value (`scrubber`). */
export const named = (names: string[]): RegExp =>
  new RegExp(`([?&#;/](?:${names.map((name) => name.replace(/\W/g, "\\$&")).join("|")})=)[^&#;]+`, "gi");

/** JSON → the same without what goes by one of these names, at any depth. */
export const without = (json: string, names: string[]): string =>
  textOf(JSON.parse(json, (name, value) => (names.includes(name) ? undefined : value)));

export function lists(host: Host): void {
  const { drop_params: dropped = [], scrub, scrub_names: names = [] } = host._settings;
  const clean = scrub !== false && names.length ? scrubber(named(names)) : String;
  const put = host._put;
  host._put = (event, json) => put(event, textOf(refineParams(without(json, dropped), clean)));
}
