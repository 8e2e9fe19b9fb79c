/**
 * Moments as people read them: near ones relative, exact ones with their zone.
 * Never: reads the clock (now is an argument).
 */
import { duration } from "./format";
import type { Ms } from "./shapes";

/** The viewer's zone, e.g. “Europe/Warsaw”. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minuteFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const dayYearFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const shortFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const exactFormat = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  timeZoneName: "short",
});

/** 14:03:22 */
export const clock = (ms: Ms): string => clockFormat.format(ms);
/** 14:03 */
export const clockMinute = (ms: Ms): string => minuteFormat.format(ms);
/** 12 Nov */
export const shortDay = (ms: Ms): string => shortFormat.format(ms);
/** Mon, 23 Nov 2026, 14:03:22.120 CET */
export const exact = (ms: Ms): string => exactFormat.format(ms);

/** 14:03:22 today, 22 Nov 14:03:22 on another day, with the year where it is not this one. */
export function stamp(ms: Ms, now: Ms): string {
  if (dayKey(ms) === dayKey(now)) return clock(ms);
  const year = new Date(ms).getFullYear();
  return `${shortDay(ms)}${year === new Date(now).getFullYear() ? "" : ` ${year}`} ${clock(ms)}`;
}

/** The zone with its offset now: “Europe/Warsaw, UTC+1”. */
export function zoneWords(now: Ms): string {
  const minutes = -new Date(now).getTimezoneOffset();
  if (minutes === 0) return zone === "UTC" ? "UTC" : `${zone}, UTC`;
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `${zone}, UTC${minutes < 0 ? "−" : "+"}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

/** Seconds under which a moment is “now”. */
const JUST_NOW_MS = 10_000;
const DAY_MS = 86_400_000;

/** “now”, “40 s ago”, “3 h ago”, “yesterday 14:03”, “12 Nov”; a moment ahead is given exactly by the minute. */
export function relative(ms: Ms, now: Ms): string {
  const ago = now - ms;
  if (ago < -JUST_NOW_MS) return `${shortDay(ms)} ${clockMinute(ms)}`;
  if (ago < JUST_NOW_MS) return "now";
  if (ago < 60_000) return `${Math.floor(ago / 10_000) * 10} s ago`;
  if (ago < 3_600_000) return `${Math.floor(ago / 60_000)} min ago`;
  if (ago < DAY_MS / 2 || dayKey(ms) === dayKey(now)) return `${Math.floor(ago / 3_600_000)} h ago`;
  if (dayKey(ms) === dayKey(now - DAY_MS)) return `yesterday ${clockMinute(ms)}`;
  const year = new Date(ms).getFullYear();
  return year === new Date(now).getFullYear() ? `${shortDay(ms)} ${clockMinute(ms)}` : `${shortDay(ms)} ${year}`;
}

/** A local day's key, 2026-11-23: equal for two moments of one day in the viewer's zone. */
export function dayKey(ms: Ms): string {
  const d = new Date(ms);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`;
}

/** “Today”, “Yesterday”, “Thursday 12 November”, “3 March 2024”. */
export function dayHeading(ms: Ms, now: Ms): string {
  if (dayKey(ms) === dayKey(now)) return "Today";
  if (dayKey(ms) === dayKey(now - DAY_MS)) return "Yesterday";
  return new Date(ms).getFullYear() === new Date(now).getFullYear() ? dayFormat.format(ms) : dayYearFormat.format(ms);
}

/** “lasted 4 min” style length between two moments, never negative. */
export const between = (from: Ms, to: Ms): string => duration(Math.max(0, to - from));
