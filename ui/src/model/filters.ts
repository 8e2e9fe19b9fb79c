/**
 * What a view is narrowed to, to and from its address, and into a question for the server.
 * Never: holds anything that the address does not: a view is a link.
 */
import { boundsOf, type Range, rangeWords, readRange, writeRange } from "./range";
import type { Ms } from "./shapes";

export interface Filters {
  action: string | null;
  customer: string | null;
  uuid: string | null;
  /** The id of a segment. */
  segment: string | null;
  session: string | null;
  /** Visits of one page: its path, or `screen:` and a screen's name. */
  page: string | null;
  channel: string | null;
  country: string | null;
  source: string | null;
  /** Free text. */
  q: string | null;
  range: Range;
  /** Exact matches on params, in the order they were added. */
  params: { name: string; value: string }[];
}

export const noFilters: Filters = {
  action: null,
  customer: null,
  uuid: null,
  segment: null,
  session: null,
  page: null,
  channel: null,
  country: null,
  source: null,
  q: null,
  range: null,
  params: [],
};

/** More than this many param conditions in one address are ignored: no one reads such a view. */
export const PARAM_FILTERS_MAX = 10;

const PARAM = "param.";
const words = [
  "action",
  "customer",
  "segment",
  "session",
  "page",
  "channel",
  "country",
  "source",
  "uuid",
  "q",
] as const;

/** The filters an address names. Unknown keys are left alone. */
export function readFilters(query: URLSearchParams): Filters {
  const params = [...query]
    .filter(([key, value]) => key.startsWith(PARAM) && key.length > PARAM.length && value !== "")
    .slice(0, PARAM_FILTERS_MAX)
    .map(([key, value]) => ({ name: key.slice(PARAM.length), value }));
  return {
    action: textOf(query, "action"),
    customer: textOf(query, "customer"),
    uuid: textOf(query, "uuid"),
    segment: textOf(query, "segment"),
    session: textOf(query, "session"),
    page: textOf(query, "page"),
    channel: textOf(query, "channel"),
    country: textOf(query, "country"),
    source: textOf(query, "source"),
    q: textOf(query, "q"),
    range: readRange(query),
    params,
  };
}

/** The address part of the filters; the opposite of `readFilters`. */
export function writeFilters(filters: Filters): URLSearchParams {
  const query = new URLSearchParams();
  writeRange(filters.range, query);
  for (const word of words) {
    const value = filters[word]?.trim();
    if (value) query.set(word, value);
  }
  for (const { name, value } of filters.params.slice(0, PARAM_FILTERS_MAX)) query.append(PARAM + name, value);
  return query;
}

/** The question to the server: the same names, with a relative range made into moments. */
export function askFilters(filters: Filters, now: Ms): URLSearchParams {
  const query = writeFilters({ ...filters, range: null });
  const { from, to } = boundsOf(filters.range, now);
  if (from !== null) query.set("from", String(from));
  if (to !== null) query.set("to", String(to));
  return query;
}

export interface Chip {
  key: string;
  name: string;
  value: string;
  /** The filters without this one. */
  without: Filters;
}

/** One removable chip for each filter that is set, in a fixed order. */
export function chipsOf(filters: Filters): Chip[] {
  const chips: Chip[] = [];
  if (filters.range) {
    chips.push({ key: "range", name: "time", value: rangeWords(filters.range), without: { ...filters, range: null } });
  }
  for (const word of words) {
    const value = filters[word];
    const name = word === "q" ? "text" : word;
    if (value) chips.push({ key: word, name, value, without: { ...filters, [word]: null } });
  }
  for (const [at, { name, value }] of filters.params.entries()) {
    const params = filters.params.filter((_, other) => other !== at);
    chips.push({ key: `${PARAM}${name}=${value}`, name, value, without: { ...filters, params } });
  }
  return chips;
}

export const hasFilters = (filters: Filters): boolean => chipsOf(filters).length > 0;

function textOf(query: URLSearchParams, key: string): string | null {
  return query.get(key)?.trim() || null;
}
