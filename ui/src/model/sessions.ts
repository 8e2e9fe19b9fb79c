/**
 * The question "What sessions were there?": its answer's shapes, its part of the address, its definitions.
 * Never: asks; see parts/SessionsView.
 */
import { duration } from "./format";
import type { Ms } from "./shapes";
import { dayKey, shortDay } from "./time";

/** Sessions counted together; `value`: what they have in common (a day in ms, a page, a property). Lengths are in ms. */
export interface SessionCounts {
  value: string | number;
  sessions: number;
  customers: number;
  bounces: number;
  bounce_rate: number | null;
  pages_mean: number | null;
  length_mean: number | null;
  length_p50: number | null;
  length_p90: number | null;
}

export interface Sessions {
  total: SessionCounts;
  days: SessionCounts[];
  entries: SessionCounts[];
  exits: SessionCounts[];
  breakdown: SessionCounts[] | null;
}

export const definitions = {
  sessions: "Sessions with an event in the range. Events that came without a session are in none.",
  customers: "Different customers of these sessions.",
  bounce:
    "Sessions with at most one page or screen in which nothing was done but looking: no click, no form, no event of your own.",
  pages: "Pages and screens by session, on average.",
  mean: "From the first event of a session in the range to its last, on average.",
  p50: "Half of the sessions are shorter.",
  p90: "Nine of ten sessions are shorter.",
} as const;

/** The breakdown an address names; empty for none. */
export const readBreakdown = (query: URLSearchParams): string => query.get("breakdown")?.trim() ?? "";

/** The question to the server, added to what it already asks. */
export function askSessions(breakdown: string, query: URLSearchParams, zone: string): URLSearchParams {
  if (breakdown) query.set("breakdown", breakdown);
  query.set("zone", zone);
  return query;
}

/** The sessions that a number counts: those of a list's row, all of them or only the bounced. */
export const whoOf = (of: string, value: string | number, bounced: boolean): Record<string, string> => ({
  of,
  value: String(value),
  ...(bounced ? { bounced: "true" } : {}),
});

/** What these sessions are called. */
export function whoWords(who: URLSearchParams, breakdown: string): string {
  const value = who.get("value") ?? "";
  const which = who.get("bounced") ? "Bounced sessions" : "Sessions";
  if (who.get("of") === "entries") return `${which} that began at ${value}`;
  if (who.get("of") === "exits") return `${which} that ended at ${value}`;
  if (who.get("of") === "days") return `${which} of ${shortDay(Number(value))}`;
  if (who.get("of") === "breakdown") return `${which} with ${breakdown} ${value || "none"}`;
  return who.get("bounced") ? which : "All sessions";
}

/** Most days drawn; the newest. */
export const DAYS_MAX = 400;

/** Every day from the first to the last that has sessions, those without any as 0, by the viewer's clock. */
export function everyDay(days: SessionCounts[]): { day: Ms; counts: SessionCounts | null }[] {
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return [];
  const known = new Map(days.map((one) => [dayKey(Number(one.value)), one]));
  const all: { day: Ms; counts: SessionCounts | null }[] = [];
  const day = new Date(Number(last.value));
  while (day.getTime() >= Number(first.value) && all.length < DAYS_MAX) {
    all.unshift({ day: day.getTime(), counts: known.get(dayKey(day.getTime())) ?? null });
    day.setDate(day.getDate() - 1);
  }
  return all;
}

/** Whether a day lies wholly in the range of what was asked; without an end the range ends now. */
export function isWithin(day: Ms, asked: URLSearchParams, now = Date.now()): boolean {
  const next = new Date(day);
  next.setDate(next.getDate() + 1);
  return day >= Number(asked.get("from") ?? day) && next.getTime() <= Number(asked.get("to") ?? now);
}

/** A number with one digit behind the point; a dash where there is none. */
export const meanWords = (value: number | null): string => (value === null ? "–" : String(Number(value.toFixed(1))));

/** A length of time; a dash where there is none. */
export const lengthWords = (ms: number | null): string => (ms === null ? "–" : duration(ms));
