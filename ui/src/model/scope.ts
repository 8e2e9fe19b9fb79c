/**
 * Which events a question under Explore is about, to and from the address, and into a question for the server.
 * Never: holds anything that the address does not: a view is a link.
 */
import { boundsOf, type Range, readRange, writeRange } from "./range";
import type { Ms, Source } from "./shapes";

export interface Scope {
  /** null: everything stored. */
  range: Range;
  source: Source | null;
  /** Whether events marked as a robot's are counted. */
  bots: boolean;
}

export const sources: Source[] = ["web", "mobile", "server", "import"];
const USUAL: Range = { preset: "30d" };

/** The scope an address names; the last 30 days, all sources and no robots where it names nothing. */
export function readScope(query: URLSearchParams): Scope {
  const named = query.get("source");
  return {
    range: query.get("range") === "all" ? null : (readRange(query) ?? USUAL),
    source: sources.find((source) => source === named) ?? null,
    bots: query.get("bots") === "true",
  };
}

/** The address's part of a scope; the opposite of `readScope`. What is usual is left out. */
export function writeScope(scope: Scope): Record<string, string | null> {
  const query = new URLSearchParams();
  writeRange(scope.range, query);
  const range = scope.range === null ? "all" : query.get("range");
  return {
    range: range === "30d" ? null : range,
    from: query.get("from"),
    to: query.get("to"),
    source: scope.source,
    bots: scope.bots ? "true" : null,
  };
}

/** The question to the server; a relative range is made into moments. */
export function askScope(scope: Scope, now: Ms): URLSearchParams {
  const { from, to } = boundsOf(scope.range, now);
  const query = new URLSearchParams({ bots: String(scope.bots) });
  if (from !== null) query.set("from", String(from));
  if (to !== null) query.set("to", String(to));
  if (scope.source) query.set("source", scope.source);
  return query;
}
