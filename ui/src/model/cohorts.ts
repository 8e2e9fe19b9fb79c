/**
 * The question "Who came back?": its answer's shapes, its part of the address, and its triangle.
 * Never: asks; see parts/RetentionView.
 */
import type { Ms } from "./shapes";
import { shortDay } from "./time";

/** Customers who began in the same period; `returned`: how many came back in that one, the next, and so on. */
export interface Cohort {
  start: Ms;
  size: number;
  returned: number[];
}

export interface Retention {
  period: Period;
  zone: string;
  cohorts: Cohort[];
}

export const periods = { day: "day", week: "week", month: "month" } as const;
export type Period = keyof typeof periods;

export interface RetentionQuestion {
  start: string;
  back: string;
  period: Period;
  periods: number;
}

const PERIODS_MAX = 60;
const PERIODS_USUAL = 8;
const PERIODS_OFFERED = [4, 8, 12, 26, 52];

/** How many periods to choose from; an address may name another number. */
export const periodsWith = (n: number): number[] =>
  PERIODS_OFFERED.includes(n) ? PERIODS_OFFERED : [...PERIODS_OFFERED, n].sort((a, b) => a - b);

/** The question an address names. */
export function readRetention(query: URLSearchParams): RetentionQuestion {
  const n = Number(query.get("periods") ?? PERIODS_USUAL);
  const period = query.get("period") ?? "";
  return {
    start: query.get("start")?.trim() ?? "",
    back: query.get("back")?.trim() ?? "",
    period: period in periods ? (period as Period) : "week",
    periods: Number.isInteger(n) && n >= 1 && n <= PERIODS_MAX ? n : PERIODS_USUAL,
  };
}

/** The address's part of a question; what is usual is left out. */
export const writeRetention = (asked: RetentionQuestion): Record<string, string | null> => ({
  start: asked.start || null,
  back: asked.back || null,
  period: asked.period === "week" ? null : asked.period,
  periods: asked.periods === PERIODS_USUAL ? null : String(asked.periods),
});

/** The question to the server, added to what it already asks. */
export function askRetention(asked: RetentionQuestion, query: URLSearchParams, zone: string): URLSearchParams {
  for (const [key, value] of Object.entries(asked)) query.set(key, String(value));
  query.set("zone", zone);
  return query;
}

/** How many columns the triangle has. */
export const columnsOf = (cohorts: Cohort[]): number => Math.max(0, ...cohorts.map((one) => one.returned.length));

/** How many customers began in all of them. */
export const sizeOf = (cohorts: Cohort[]): number => cohorts.reduce((sum, one) => sum + one.size, 0);

/** All cohorts for which a period has begun, as one: a share of a young cohort's missing period is never taken. */
export function together(cohorts: Cohort[], at: number): { returned: number; size: number } {
  const reached = cohorts.filter((one) => one.returned.length > at);
  return {
    returned: reached.reduce((sum, one) => sum + (one.returned[at] ?? 0), 0),
    size: reached.reduce((sum, one) => sum + one.size, 0),
  };
}

/** The greatest share of all periods behind the first, in which nearly everybody is; 1 where there is none. */
export const topShare = (cohorts: Cohort[]): number =>
  Math.max(0, ...cohorts.flatMap((one) => one.returned.slice(1).map((n) => n / one.size))) || 1;

/** How much of the accent a cell is filled with at most, in percent: text on it stays readable. */
const FILL_MAX = 45;
/** How much of the accent a cell is filled with, in percent: all that is due from the greatest share on. */
export const fillOf = (part: number, whole: number, top: number): number =>
  whole > 0 ? Number((Math.min(1, part / whole / top) * FILL_MAX).toFixed(1)) : 0;

/** When the period after so many others begins, by the clock of the viewer, whose zone was asked in. */
export function periodStart(start: Ms, period: Period, after: number): Ms {
  const day = new Date(start);
  if (period === "month") day.setMonth(day.getMonth() + after);
  else day.setDate(day.getDate() + after * (period === "week" ? 7 : 1));
  return day.getTime();
}

/** What a column is called: how many periods behind the beginning. */
export const columnWords = (at: number, period: Period): string => (at === 0 ? `same ${period}` : `+${at}`);

/** The customers of a cohort; with `later`, those of them who came back that many periods later. */
export const cellOf = (cohort: Ms, later: number | null): Record<string, string> => ({
  cohort: String(cohort),
  ...(later === null ? {} : { later: String(later) }),
});

/** What these customers did. */
export function cellWords(who: URLSearchParams, period: Period): string {
  const began = `Began ${period === "day" ? "on" : period === "week" ? "in the week of" : "in"} ${cohortWords(Number(who.get("cohort")), period)}`;
  const later = who.get("later");
  if (later === null) return began;
  if (later === "0") return `${began}, came back in the same ${period}`;
  return `${began}, came back ${later} ${period}${later === "1" ? "" : "s"} later`;
}

const monthFormat = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric" });

/** When a cohort began: “12 Nov”, “Nov 2026”. */
export const cohortWords = (start: Ms, period: Period): string =>
  period === "month" ? monthFormat.format(start) : shortDay(start);
