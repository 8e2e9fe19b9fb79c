/**
 * Which events and customers a question is about, to and from the address, and into a question for the server.
 * Never: holds anything that the address does not: a view is a link.
 */
import { boundsOf, type Range, rangeWords, readRange, writeRange } from "./range";
import type { Ms, Source } from "./shapes";

export interface Scope {
  /** null: everything stored. */
  range: Range;
  source: Source | null;
  /** Whether events marked as a robot's are counted. */
  bots: boolean;
  /** An action; `*` stands for any text. */
  action: string | null;
  /** The id of a segment. */
  segment: string | null;
  /** Exact matches on params, in the order they were added. */
  params: { name: string; value: string }[];
  /** Whether the period before stands beside each number. */
  compare: boolean;
}

export const sources: Source[] = ["web", "mobile", "server", "import"];
export const SCOPE_PARAMS_MAX = 10;
const USUAL: Range = { preset: "30d" };
const PARAM = "param.";

/** The scope an address names; the last 30 days, all sources and no robots where it names nothing. */
export function readScope(query: URLSearchParams, usual: Range = USUAL): Scope {
  const named = query.get("source");
  return {
    range: query.get("range") === "all" ? null : (readRange(query) ?? usual),
    source: sources.find((source) => source === named) ?? null,
    bots: query.get("bots") === "true",
    action: query.get("action")?.trim() || null,
    segment: query.get("segment") || null,
    params: [...query]
      .filter(([key, value]) => key.startsWith(PARAM) && key.length > PARAM.length && value !== "")
      .slice(0, SCOPE_PARAMS_MAX)
      .map(([key, value]) => ({ name: key.slice(PARAM.length), value })),
    compare: query.get("compare") === "true",
  };
}

/** Whether a key of an address is the scope's: such keys go along from one question to the next. */
export const isScopeKey = (key: string): boolean =>
  ["range", "from", "to", "source", "bots", "action", "segment", "compare"].includes(key) || key.startsWith(PARAM);

/**
 * The address's part of a scope; the opposite of `readScope`. What is usual is left out.
 * @param query the address now: its params that are no longer asked for are taken out.
 */
export function writeScope(
  scope: Scope,
  query: URLSearchParams,
  usual: Range = USUAL,
): Record<string, string | string[] | null> {
  const ranged = new URLSearchParams();
  writeRange(scope.range, ranged);
  const range = scope.range === null ? "all" : ranged.get("range");
  const words: Record<string, string | string[] | null> = {};
  for (const key of query.keys()) if (key.startsWith(PARAM)) words[key] = null;
  for (const { name, value } of scope.params) {
    const before = words[PARAM + name];
    words[PARAM + name] = Array.isArray(before) ? [...before, value] : [value];
  }
  return {
    ...words,
    range: range === rangeKey(usual) ? null : range,
    from: ranged.get("from"),
    to: ranged.get("to"),
    source: scope.source,
    bots: scope.bots ? "true" : null,
    action: scope.action,
    segment: scope.segment,
    compare: scope.compare ? "true" : null,
  };
}

const rangeKey = (range: Range): string => (range === null ? "all" : "preset" in range ? range.preset : "");

/** The question to the server; a relative range is made into moments. */
export function askScope(scope: Scope, now: Ms): URLSearchParams {
  const { from, to } = boundsOf(scope.range, now);
  const query = new URLSearchParams({ bots: String(scope.bots) });
  if (from !== null) query.set("from", String(from));
  if (to !== null) query.set("to", String(to));
  if (scope.source) query.set("source", scope.source);
  if (scope.action) query.set("action", scope.action);
  if (scope.segment) query.set("segment", scope.segment);
  for (const { name, value } of scope.params) query.append(PARAM + name, value);
  return query;
}

/**
 * The same question about the period of the same length directly before; null where nothing is compared, or where the
 * range has no beginning and so no length.
 */
export function askBefore(scope: Scope, now: Ms): URLSearchParams | null {
  const { from, to } = boundsOf(scope.range, now);
  if (!scope.compare || from === null || (to ?? now) <= from) return null;
  const query = askScope(scope, now);
  query.set("from", String(2 * from - (to ?? now)));
  query.set("to", String(from));
  return query;
}

/** Whether a range has a period of the same length before it. */
export const hasBefore = (range: Range): boolean => range !== null && ("preset" in range || range.from !== null);

export interface ScopeChip {
  key: string;
  name: string;
  value: string;
  /** The scope without it. */
  without: Scope;
}

/** One removable chip for each condition that is set beside range, source and robots. */
export function scopeChips(scope: Scope): ScopeChip[] {
  const chips: ScopeChip[] = [];
  const { segment, action } = scope;
  if (segment) chips.push({ key: "segment", name: "segment", value: segment, without: { ...scope, segment: null } });
  if (action) chips.push({ key: "action", name: "action", value: action, without: { ...scope, action: null } });
  for (const [at, { name, value }] of scope.params.entries()) {
    const params = scope.params.filter((_, other) => other !== at);
    chips.push({ key: `${PARAM}${name}=${value}/${at}`, name, value, without: { ...scope, params } });
  }
  return chips;
}

/** What a scope says in words, for an empty answer: “the last 30 days”, “the last 30 days with what is asked for above”. */
export const scopeWords = (scope: Scope): string =>
  `${rangeWords(scope.range)}${scopeChips(scope).length > 0 ? " by these filters" : ""}`;
