/**
 * The ledger's arithmetic as it is shown: one balance line, and the intervals' bars.
 * Never: hides a difference; a sum that does not add up is said, with its size.
 */
import type { Ledger, LedgerCounts, LedgerInterval, Ms } from "./shapes";

export const rejectedTotal = (counts: LedgerCounts): number =>
  Object.values(counts.rejected).reduce((sum, n) => sum + n, 0);

export type TermKey = "stored" | "duplicates" | "rejected" | "in_flight";

export interface Term {
  key: TermKey;
  name: string;
  count: number;
  definition: string;
}

const definitions: Record<TermKey | "received", string> = {
  received: "Every event that reached the collector in this time, whatever became of it.",
  stored: "Events that are in the store: found by search, shown in feeds, counted in every figure.",
  duplicates: "Events whose id was stored before. A client sent them again to be sure; each is kept once.",
  rejected: "Events that broke a rule of the contract or of this site. None is lost: they are in the quarantine below.",
  in_flight: "Events that are safely on disk and not yet in the store. They arrive within seconds.",
};

export const receivedDefinition = definitions.received;

const names: Record<TermKey, string> = {
  stored: "stored",
  duplicates: "duplicates",
  rejected: "rejected",
  in_flight: "in flight",
};

export const termKeys: TermKey[] = ["stored", "duplicates", "rejected", "in_flight"];

export const countOf = (counts: LedgerCounts, key: TermKey): number =>
  key === "rejected" ? rejectedTotal(counts) : counts[key];

/** The right side of “received = …”, always all four terms, so that the line keeps its shape. */
export function termsOf(counts: LedgerCounts): Term[] {
  return termKeys.map((key) => ({ key, name: names[key], count: countOf(counts, key), definition: definitions[key] }));
}

/** received − (stored + duplicates + rejected + in flight); 0 when the ledger balances. */
export function difference(counts: LedgerCounts): number {
  return counts.received - termsOf(counts).reduce((sum, term) => sum + term.count, 0);
}

/** The server's verdict and our own sum must agree; either one alone is not called balanced. */
export const isBalanced = (ledger: Ledger): boolean => ledger.balanced && difference(ledger) === 0;

export interface ReasonRow {
  code: string;
  count: number;
  share: number;
}

/** Rejections by reason, most first. */
export function reasonsOf(counts: LedgerCounts): ReasonRow[] {
  const total = rejectedTotal(counts);
  return Object.entries(counts.rejected)
    .filter(([, n]) => n > 0)
    .map(([code, n]) => ({ code, count: n, share: n / total }))
    .sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
}

/** A ledger of nothing, that keeps the room of one under way. */
export const emptyLedger = (from: Ms, to: Ms): Ledger => ({
  from,
  to,
  received: 0,
  stored: 0,
  duplicates: 0,
  rejected: {},
  in_flight: 0,
  balanced: true,
  intervals: [],
  gaps: [],
});

/** At most this many bars (and one begun): more would be thinner than a finger or a pixel. */
export const BARS_MAX = 60;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths of a bar that a person can name. */
const widths = [
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
];

/** The narrowest nameable width that needs at most `max` bars; beyond the widest, whole multiples of it. */
export function barWidth(span: Ms, max = BARS_MAX): Ms {
  const widest = 30 * DAY;
  return widths.find((width) => span / width <= max) ?? widest * Math.ceil(span / widest / max);
}

/**
 * The intervals added up into bars of one width, the empty ones between them too: the time axis is even, sums are exact.
 * @param zoneOffset the viewer's zone against UTC in ms, so that a day's bar is the viewer's day.
 */
export function foldIntervals(ledger: Ledger, zoneOffset: Ms = 0, max = BARS_MAX): LedgerInterval[] {
  const width = barWidth(ledger.to - ledger.from, max);
  const start = Math.floor((ledger.from + zoneOffset) / width) * width - zoneOffset;
  const bars: LedgerInterval[] = [];
  for (let from = start; from < ledger.to; from += width) bars.push(emptyBar(from, from + width));
  for (const interval of ledger.intervals) {
    const at = Math.floor((interval.from - start) / width);
    const bar = bars[Math.max(0, Math.min(at, bars.length - 1))];
    if (bar) addTo(bar, interval);
  }
  return bars;
}

const emptyBar = (from: Ms, to: Ms): LedgerInterval => ({
  from,
  to,
  received: 0,
  stored: 0,
  duplicates: 0,
  rejected: {},
  in_flight: 0,
});

function addTo(bar: LedgerInterval, part: LedgerInterval): void {
  bar.received += part.received;
  bar.stored += part.stored;
  bar.duplicates += part.duplicates;
  bar.in_flight += part.in_flight;
  for (const [code, n] of Object.entries(part.rejected)) bar.rejected[code] = (bar.rejected[code] ?? 0) + n;
}
