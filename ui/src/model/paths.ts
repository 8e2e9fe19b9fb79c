/**
 * The question "What did they see next?": its answer's shapes, and its part of the address.
 * Never: asks; see parts/PathsView.
 */

export interface PathNode {
  name: string;
  count: number;
}

export interface PathStep {
  nodes: PathNode[];
  other: number;
  left: number;
}

export interface PathLink {
  step: number;
  source: string;
  target: string;
  count: number;
}

/** At every step the nodes, `other` and `left` add up to `total`. */
export interface Paths {
  total: number;
  steps: PathStep[];
  links: PathLink[];
}

/** Names that no page and no action can have. */
export const START = "start";
export const OTHER = "other";
export const LEFT = "left";

export interface PathQuestion {
  start: string;
  direction: "next" | "previous";
  steps: number;
  by: "session" | "customer";
  of: "" | "pages" | "actions" | "all";
  patterns: string[];
}

export const STEPS_MAX = 10;
const STEPS_USUAL = 4;

/** The question an address names. */
export function readPaths(query: URLSearchParams): PathQuestion {
  const steps = Number(query.get("steps") ?? STEPS_USUAL);
  const of = query.get("of");
  return {
    start: query.get("start")?.trim() ?? "",
    direction: query.get("direction") === "previous" ? "previous" : "next",
    steps: Number.isInteger(steps) && steps >= 1 && steps <= STEPS_MAX ? steps : STEPS_USUAL,
    by: query.get("by") === "customer" ? "customer" : "session",
    of: of === "pages" || of === "actions" || of === "all" ? of : "",
    patterns: (query.get("patterns") ?? "").split(/\s+/).filter(Boolean),
  };
}

/** The address's part of a question; what is usual is left out. */
export function writePaths(asked: PathQuestion): Record<string, string | null> {
  return {
    start: asked.start || null,
    direction: asked.direction === "next" ? null : asked.direction,
    steps: asked.steps === STEPS_USUAL ? null : String(asked.steps),
    by: asked.by === "session" ? null : asked.by,
    of: asked.of || null,
    patterns: asked.patterns.join(" ") || null,
  };
}

/** The question to the server, added to what it already asks. */
export function askPaths(asked: PathQuestion, query: URLSearchParams): URLSearchParams {
  query.set("start", asked.start);
  query.set("direction", asked.direction);
  query.set("steps", String(asked.steps));
  query.set("by", asked.by);
  if (asked.of) query.set("of", asked.of);
  for (const pattern of asked.patterns) query.append("pattern", pattern);
  return query;
}

/** A node, or with `source` a link, as the address names it. */
export interface PathPlace {
  step: number;
  target: string;
  source: string | null;
}

/** The place whose customers the address asks for; null for none. */
export function readPlace(query: URLSearchParams): PathPlace | null {
  const step = Number(query.get("step"));
  const target = query.get("target");
  if (!Number.isInteger(step) || step < 1 || !target) return null;
  return { step, target, source: query.get("came_from") };
}

/** The address's part of a place. */
export const writePlace = (place: PathPlace | null): Record<string, string | null> => ({
  step: place ? String(place.step) : null,
  target: place?.target ?? null,
  came_from: place?.source ?? null,
});

/** How many are at a place; null when it is not in the answer. */
export function countAt(paths: Paths, place: PathPlace): number | null {
  if (place.source !== null) {
    const same = (link: PathLink) =>
      link.step === place.step && link.target === place.target && link.source === place.source;
    return place.target === LEFT ? leaving(paths, place.step, place.source) : (paths.links.find(same)?.count ?? null);
  }
  const step = paths.steps[place.step - 1];
  if (!step) return null;
  if (place.target === OTHER) return step.other;
  if (place.target === LEFT) return step.left;
  return step.nodes.find((node) => node.name === place.target)?.count ?? null;
}

/** Names of each step that are asked of the period before: the most there are, so that few of those shown are missing. */
export const NODES_BEFORE = 50;

/**
 * How many were at a name of `paths` at a step (from 1) in the period before; null where that is not told, since the name
 * was not among the most frequent then. `others` are those of `paths`: whoever was at none of the names it lists.
 */
export function countBefore(paths: Paths, before: Paths, step: number, name: string): number | null {
  const then = before.steps[step - 1];
  if (!then) return 0;
  if (name === LEFT) return then.left;
  if (name !== OTHER) return then.nodes.find((node) => node.name === name)?.count ?? (then.other === 0 ? 0 : null);
  const named = (paths.steps[step - 1]?.nodes ?? []).map((node) => countBefore(paths, before, step, node.name));
  return named.reduce((rest, n) => (rest === null || n === null ? null : rest - n), before.total - then.left);
}

/** Of those at a name in the step before, how many have no such step any more. */
export function leaving(paths: Paths, step: number, source: string): number {
  const here = step === 1 ? paths.total : (countAt(paths, { step: step - 1, target: source, source: null }) ?? 0);
  const on = paths.links.filter((link) => link.step === step && link.source === source);
  return here - on.reduce((sum, link) => sum + link.count, 0);
}

/** What a name is called on the page. */
export function nameWords(name: string, start: string): string {
  if (name === START) return start || "all";
  if (name === OTHER) return "others";
  if (name === LEFT) return "no further step";
  return name.replace(/^screen:/, "");
}
