/**
 * The question "How far did they get?": its answer's shapes, its part of the address, and its steps.
 * Never: asks; see parts/FunnelView.
 */

export interface FunnelStep {
  name: string;
  /** Got to this step or further. */
  count: number;
  /** Got to the step before and no further. */
  dropped: number;
}

/** The same funnel for one value; null: all values that are not listed. */
export interface FunnelPart {
  value: string | null;
  counts: number[];
}

export interface Funnel {
  total: number;
  steps: FunnelStep[];
  breakdown: FunnelPart[] | null;
}

export interface FunnelQuestion {
  /** As the rows of the page: one that is still empty is no step yet. */
  steps: string[];
  /** Seconds from the first step within which all of them count. */
  window: number;
  by: "customer" | "session";
  breakdown: string;
}

export const STEPS_MAX = 10;
/** A funnel of one step has no way through: the page offers two rows. */
export const ROWS_MIN = 2;
const WINDOW_USUAL = 86_400;
const WINDOW_MAX = 366 * 86_400;
const windows = [
  600,
  1_800,
  3_600,
  6 * 3_600,
  WINDOW_USUAL,
  3 * 86_400,
  7 * 86_400,
  14 * 86_400,
  30 * 86_400,
  90 * 86_400,
];

/** The windows to choose from; an address may name another one. */
export const windowsWith = (window: number): number[] =>
  windows.includes(window) ? windows : [...windows, window].sort((a, b) => a - b);

/** The question an address names. */
export function readFunnel(query: URLSearchParams): FunnelQuestion {
  const window = Number(query.get("window") ?? WINDOW_USUAL);
  const steps = query
    .getAll("step")
    .slice(0, STEPS_MAX)
    .map((step) => step.trim());
  return {
    steps: [...steps, ...Array<string>(Math.max(0, ROWS_MIN - steps.length)).fill("")],
    window: Number.isInteger(window) && window >= 1 && window <= WINDOW_MAX ? window : WINDOW_USUAL,
    by: query.get("by") === "session" ? "session" : "customer",
    breakdown: query.get("breakdown")?.trim() ?? "",
  };
}

/** The address's part of a question; what is usual is left out. */
export const writeFunnel = (asked: FunnelQuestion): Record<string, string | string[] | null> => ({
  step: asked.steps.length > ROWS_MIN || asked.steps.some(Boolean) ? asked.steps : null,
  window: asked.window === WINDOW_USUAL ? null : String(asked.window),
  by: asked.by === "customer" ? null : asked.by,
  breakdown: asked.breakdown || null,
});

/** The steps that are asked about: rows still empty are left out. */
export const namedSteps = (asked: FunnelQuestion): string[] => asked.steps.filter(Boolean);

/** The question to the server, added to what it already asks. */
export function askFunnel(asked: FunnelQuestion, query: URLSearchParams): URLSearchParams {
  for (const step of namedSteps(asked)) query.append("step", step);
  query.set("window_s", String(asked.window));
  query.set("by", asked.by);
  if (asked.breakdown) query.set("breakdown", asked.breakdown);
  return query;
}

/** The question for the customers behind a place of the funnel. */
export function askFunnelCustomers(place: FunnelPlace, funnel: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams(funnel);
  query.delete("breakdown");
  query.set("at", String(place.at));
  query.set("dropped", String(place.dropped));
  return query;
}

/** Those who got to a step (from 1), or those who got to the one before it and no further. */
export interface FunnelPlace {
  at: number;
  dropped: boolean;
}

/** The place whose customers the address asks for; null for none. */
export function readFunnelPlace(query: URLSearchParams): FunnelPlace | null {
  const at = Number(query.get("at"));
  if (!Number.isInteger(at) || at < 1 || at > STEPS_MAX) return null;
  return { at, dropped: query.get("dropped") === "true" };
}

/** The address's part of a place. */
export const writeFunnelPlace = (place: FunnelPlace | null): Record<string, string | null> => ({
  at: place ? String(place.at) : null,
  dropped: place?.dropped ? "true" : null,
});

/** How many are at a place; null when the funnel has no such step. */
export function countIn(funnel: Funnel, place: FunnelPlace): number | null {
  const step = funnel.steps[place.at - 1];
  if (!step) return null;
  return place.dropped ? step.dropped : step.count;
}

/** The steps (or what else has an order) with one moved up (-1) or down (1); as they were where it is at the end already. */
export function moved<T>(steps: T[], at: number, by: -1 | 1): T[] {
  const one = steps[at];
  const other = steps[at + by];
  return one === undefined || other === undefined ? steps : steps.with(at, other).with(at + by, one);
}

/** The names of steps as people read them. */
export const stepWords = (step: string): string => step.replace(/^screen:/, "");
