/**
 * How a customer is called and coloured where there is little room.
 * Never: shows a name that could belong to two customers without their colour beside it.
 */
import { askScope, readScope, scopeChips } from "./scope";
import type { Merge, Ms } from "./shapes";

/** A customer beside another in a list, and where they stand in it. */
export interface Beside {
  customer: string;
  last_seen: Ms;
}

/** Who is before and after a customer in a list; `place` counts from 1. */
export interface Neighbours {
  customer: string;
  previous: Beside | null;
  next: Beside | null;
  place: number | null;
  total: number;
}

/** Whether the address of the list of customers asks for some of them by what they did. */
export function isNarrowed(query: URLSearchParams): boolean {
  const scope = readScope(query, null);
  return scopeChips(scope).length > 0 || scope.range !== null || scope.source !== null;
}

/** What the list of customers is asked with, from its address; a relative range is made into moments. */
export function askCustomers(query: URLSearchParams, now: Ms): URLSearchParams {
  const asks = isNarrowed(query) ? askScope({ ...readScope(query, null), bots: true }, now) : new URLSearchParams();
  const words = query.get("q")?.trim();
  if (words) asks.set("q", words);
  return asks;
}

/** Characters of a UUID that are enough to tell people apart on one screen. */
const SHORT_UUID = 8;

/** The first characters of a UUID; anything else is left as it is. A UUIDv7 begins with time, so its end is used. */
export function shortId(id: string): string {
  if (!isUuid(id)) return id;
  return id[14] === "7" ? id.slice(-SHORT_UUID) : id.slice(0, SHORT_UUID);
}

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => uuidShape.test(text.trim());

/** Order in which an identity is the most telling. */
const telling = ["name", "email", "customId"];

/** The best name there is: an identity, else the short id. */
export function nameOf(customer: string, identifiers: Record<string, string> = {}): string {
  for (const key of telling) {
    const value = identifiers[key];
    if (value) return value;
  }
  return Object.values(identifiers)[0] ?? shortId(customer);
}

const merging: Record<string, string> = {
  identify: "both identified as the same customer",
  form: "a form named the same customer",
  token: "a customer token named the same customer",
  server: "a server named the same customer",
};

/** Why two customers were made one, in words. */
export function mergeWords({ why, who }: Pick<Merge, "why" | "who">): string {
  return why === "manual" ? `by hand, by ${who}` : (merging[why] ?? why);
}

/** An attribute's value on one line. */
export const attributeText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** How many colours the palette has (see --person-0 … in the style sheet; safe for colour-blind eyes). */
export const PERSON_COLOURS = 8;

/** The same customer has the same colour, on every screen and every visit. */
export function colourOf(customer: string): number {
  let hash = 2166136261;
  for (const letter of customer) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
  return (hash >>> 0) % PERSON_COLOURS;
}
