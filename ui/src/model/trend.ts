/**
 * The question "How does it go?": its answer's shapes, its part of the address, and its chart.
 * Never: adds up what does not add up; totals come from the server.
 */
import { countryName } from "./format";
import type { Ms } from "./shapes";

export interface Series {
  name: string;
  other: boolean;
  total: number | null;
  values: (number | null)[];
}

export interface Trend {
  interval: Interval;
  times: Ms[];
  /** Those of `times` whose interval lies only partly in the range, as the day that is not over. */
  partial: Ms[];
  series: Series[];
}

export const measures = {
  events: "Events",
  customers: "Customers",
  sessions: "Sessions",
  sum: "Sum of",
  mean: "Mean of",
  p50: "Median of",
  p95: "95th percentile of",
  min: "Least",
  max: "Greatest",
} as const;
export type Measure = keyof typeof measures;
export const intervals = { hour: "hour", day: "day", week: "week", month: "month" } as const;
export type Interval = keyof typeof intervals;
export const breakdowns = ["action", "source", "channel", "country", "device", "browser", "os", "page"] as const;

export const definitions: Record<Measure, string> = {
  events: "Stored events.",
  customers: "Customers with such an event, each once in an interval and once in the total.",
  sessions: "Sessions with such an event; a customer's events without a session are one.",
  sum: "Of the events that have a number in this param.",
  mean: "Of the events that have a number in this param.",
  p50: "Half of the events with a number in this param have less.",
  p95: "95 % of the events with a number in this param have less.",
  min: "Of the events that have a number in this param.",
  max: "Of the events that have a number in this param.",
};

export interface TrendQuestion {
  action: string;
  measure: Measure;
  param: string;
  breakdown: string;
  interval: Interval;
}

export const isCount = (measure: Measure): boolean => ["events", "customers", "sessions"].includes(measure);

/** The question an address names. */
export function readTrend(query: URLSearchParams): TrendQuestion {
  const measure = query.get("measure") ?? "";
  const interval = query.get("interval") ?? "";
  return {
    action: query.get("action")?.trim() ?? "",
    measure: measure in measures ? (measure as Measure) : "events",
    param: query.get("param")?.trim() ?? "",
    breakdown: query.get("breakdown")?.trim() ?? "",
    interval: interval in intervals ? (interval as Interval) : "day",
  };
}

/** The address's part of a question; what is usual is left out. */
export const writeTrend = (asked: TrendQuestion): Record<string, string | null> => ({
  action: asked.action || null,
  measure: asked.measure === "events" ? null : asked.measure,
  param: asked.param || null,
  breakdown: asked.breakdown || null,
  interval: asked.interval === "day" ? null : asked.interval,
});

/** The question to the server, added to what it already asks. */
export function askTrend(asked: TrendQuestion, query: URLSearchParams, zone: string): URLSearchParams {
  for (const [key, value] of Object.entries(asked)) if (value) query.set(key, value);
  query.set("zone", zone);
  return query;
}

export const nameOfSeries = (one: Series, asked: TrendQuestion): string =>
  one.other
    ? "all others"
    : (asked.breakdown === "country" ? countryName(one.name) : one.name) ||
      (asked.breakdown ? "none" : asked.action || "all events");

/** The same series in the period before; null where it was not among those listed. Where a count had no events, it was 0. */
export function beforeOf(one: Series, before: Trend): Series | null {
  return before.series.find((old) => old.name === one.name && old.other === one.other) ?? null;
}

/** The events of a point of a series; `at` null: of the whole range. */
export const pointOf = (one: Series, at: Ms | null): Record<string, string> => ({
  ...(one.other ? { other: "true" } : { name: one.name }),
  ...(at === null ? {} : { at: String(at) }),
});

/** What these events are called. */
export function pointWords(who: URLSearchParams, asked: TrendQuestion, momentWords: (ms: Ms) => string): string {
  const name = nameOfSeries(
    { name: who.get("name") ?? "", other: who.get("other") === "true", total: null, values: [] },
    asked,
  );
  const at = who.get("at");
  return at === null
    ? `${name}, the whole range`
    : `${name}, ${asked.interval === "day" ? "" : `${asked.interval} of `}${momentWords(Number(at))}`;
}

/** A place in the chart's own units: 0 to 1000 across, 0 (top) to 1 down. */
export const ACROSS = 1000;
export const DOWN = 240;

/** The greatest value of all series; 1 where there is none. */
export const topOf = (series: Series[]): number =>
  Math.max(1e-9, ...series.flatMap((one) => one.values.map((value) => value ?? 0)));

/** A series as a line over so many places; where nothing is known the line is broken. */
export function lineOf(values: (number | null)[], top: number, places = values.length): string {
  const step = places > 1 ? ACROSS / (places - 1) : 0;
  let pen = "M";
  let line = "";
  for (const [at, value] of values.entries()) {
    if (value === null) {
      pen = "M";
      continue;
    }
    line += `${pen}${Number((at * step).toFixed(2))} ${Number((DOWN - (Math.max(0, value) / top) * DOWN).toFixed(2))}`;
    pen = "L";
  }
  return line;
}

/** A series without the places at which its interval is partial, and the lines from there to their neighbours. */
export function apart(values: (number | null)[], { times, partial }: Trend): (number | null)[][] {
  const cut = times.map((time) => partial.includes(time));
  const whole = values.map((value, at) => (cut[at] ? null : value));
  const ends = [...cut.entries()].filter(([, is]) => is).map(([at]) => at);
  return [whole, ...ends.map((end) => values.map((value, at) => (Math.abs(at - end) > 1 ? null : value)))];
}

/** A number of any size as people read it. */
export const valueWords = (value: number | null): string =>
  value === null ? "–" : new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 }).format(value);
