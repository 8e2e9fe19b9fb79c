/**
 * The time ranges a view may be asked for.
 * Never: reads the clock; a relative range stays relative in the address, so that a link keeps its meaning.
 */
import type { Ms } from "./shapes";
import { clockMinute, shortDay } from "./time";

export type Preset = "15m" | "1h" | "24h" | "7d" | "30d";
export type Range = { preset: Preset } | { from: Ms | null; to: Ms | null } | null;

export const presets: { key: Preset; name: string; ms: number }[] = [
  { key: "15m", name: "Last 15 minutes", ms: 15 * 60_000 },
  { key: "1h", name: "Last hour", ms: 3_600_000 },
  { key: "24h", name: "Last 24 hours", ms: 24 * 3_600_000 },
  { key: "7d", name: "Last 7 days", ms: 7 * 24 * 3_600_000 },
  { key: "30d", name: "Last 30 days", ms: 30 * 24 * 3_600_000 },
];

const presetOf = (key: string | null) => presets.find((p) => p.key === key);

/** The range an address names; unreadable parts are left out rather than guessed. */
export function readRange(query: URLSearchParams): Range {
  const preset = presetOf(query.get("range"));
  if (preset) return { preset: preset.key };
  const from = readMs(query.get("from"));
  const to = readMs(query.get("to"));
  return from === null && to === null ? null : { from, to };
}

/** Writes a range into an address; the opposite of `readRange`. */
export function writeRange(range: Range, query: URLSearchParams): void {
  if (!range) return;
  if ("preset" in range) query.set("range", range.preset);
  else {
    if (range.from !== null) query.set("from", String(range.from));
    if (range.to !== null) query.set("to", String(range.to));
  }
}

/** The moments a range means at `now`; null: open at that end. */
export function boundsOf(range: Range, now: Ms): { from: Ms | null; to: Ms | null } {
  if (!range) return { from: null, to: null };
  if (!("preset" in range)) return range;
  return { from: now - (presetOf(range.preset)?.ms ?? 0), to: null };
}

/** “last 24 hours”, “since 12 Nov 14:00”, “12 Nov 14:00 – 13 Nov 09:30”. */
export function rangeWords(range: Range): string {
  if (!range) return "all time";
  if ("preset" in range) return (presetOf(range.preset)?.name ?? "").toLowerCase();
  if (range.from !== null && range.to !== null) return `${moment(range.from)} – ${moment(range.to)}`;
  if (range.from !== null) return `since ${moment(range.from)}`;
  return range.to !== null ? `until ${moment(range.to)}` : "all time";
}

const moment = (ms: Ms): string => `${shortDay(ms)} ${clockMinute(ms)}`;

function readMs(text: string | null): Ms | null {
  if (text === null || !/^\d{1,15}$/.test(text)) return null;
  return Number(text);
}
