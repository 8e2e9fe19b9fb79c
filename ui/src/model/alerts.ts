/**
 * Alerts and what they come to: their shapes, and the words for them.
 * Never: judges a value; the server does, and says by what range.
 */
import { duration } from "./format";
import type { List, Ms } from "./shapes";

export type AlertKind = "count" | "share" | "rejected" | "dwell" | "stopped";

export interface Watched {
  kind: AlertKind;
  action: string;
  params: { name: string; value: string }[];
  of_action: string;
  element: string;
  measure: "median" | "unusual";
  window_min: number;
}

export interface AlertLimits {
  mode: "usual" | "fixed";
  direction: "both" | "above" | "below";
  sensitivity: "low" | "normal" | "high";
  above: number | null;
  below: number | null;
}

export interface Finding {
  start: Ms;
  until: Ms;
  value: number | null;
  low: number | null;
  high: number | null;
  state: "learning" | "few" | "usual" | "above" | "below";
  basis: "week" | "day" | "last" | "fixed" | "none";
  references: number;
  n: number;
  of: number;
}

/** An alert as it is made. */
export interface AlertDraft {
  name: string;
  watched: Watched;
  limits: AlertLimits;
  muted: boolean;
  channels: string[];
}

export interface Alert extends AlertDraft {
  id: string;
  created: Ms;
  changed: Ms;
  finding: Finding | null;
  /** The incident that is open. */
  incident: number | null;
}

/** A window: start, value, low, high. */
export type Point = [Ms, number | null, number | null, number | null];

export interface Delivery {
  message: string;
  channel: string;
  event: string;
  made: Ms;
  due: Ms | null;
  sent: Ms | null;
  tries: { time: Ms; status: number | null; answer: string; took_ms: number }[];
}

export interface Incident {
  id: number;
  alert: string;
  about: Pick<AlertDraft, "name" | "watched" | "limits">;
  opened: Ms;
  closed: Ms | null;
  why_closed: string;
  first: Finding;
  worst: Finding;
  latest: Finding;
  picture: Point[];
  muted: boolean;
  deliveries: Delivery[];
}

export type IncidentPage = List<Incident> & { open: number };

export interface Channel {
  id: string;
  name: string;
  kind: "webhook" | "email";
  to: string[];
  created: Ms;
  secret?: string;
  old_until?: Ms;
}

export type ChannelPage = List<Channel> & { email: boolean };

export interface AlertPreview {
  days: number;
  judged: number;
  learning: number;
  fired: number;
  incidents: { opened: Ms; closed: Ms | null; finding: Finding }[];
  now: Finding | null;
  picture: Point[];
}

export const MINUTE_MS = 60_000;
export const WINDOWS_MIN = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];

export const KINDS: { key: AlertKind; name: string }[] = [
  { key: "count", name: "the number of" },
  { key: "share", name: "how many" },
  { key: "stopped", name: "the time without" },
  { key: "dwell", name: "how long hovers take over" },
  { key: "rejected", name: "the share of events that are rejected" },
];

export const SENSITIVITIES = [
  { key: "low", name: "only what is far off", tip: "5 standard deviations: about 1 window in 3.5 million by chance" },
  { key: "normal", name: "what is clearly off", tip: "4 standard deviations: about 1 window in 32,000 by chance" },
  { key: "high", name: "also what may be chance", tip: "3 standard deviations: about 1 window in 740 by chance" },
] as const;

export const emptyDraft = (): AlertDraft => ({
  name: "",
  watched: { kind: "count", action: "", params: [], of_action: "", element: "", measure: "median", window_min: 60 },
  limits: { mode: "usual", direction: "both", sensitivity: "normal", above: null, below: null },
  muted: false,
  channels: [],
});

/** A length of time in the largest whole unit: 15 min · 1 h · 1 day. */
export function windowWords(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? "1 day" : `${minutes / 1440} days`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

/** What is watched, in a few words: “form.submit in 1 h”. */
export function watchedWords(watched: Watched): string {
  const window = windowWords(watched.window_min);
  const where = watched.params.map((one) => ` with ${one.name} = ${one.value}`).join(",");
  if (watched.kind === "count") return `${watched.action}${where}, in ${window}`;
  if (watched.kind === "share") return `${watched.action}${where} for each ${watched.of_action}, in ${window}`;
  if (watched.kind === "rejected") return `share of rejected events, in ${window}`;
  if (watched.kind === "stopped") return `time without ${watched.action}${where}`;
  return `${watched.measure === "median" ? "median dwell" : "share of unusual hovers"} over ${watched.element}, in ${window}`;
}

/** A value in the unit of what is watched. */
export function amount(watched: Watched, value: number | null): string {
  if (value === null) return "–";
  if (watched.kind === "stopped") return duration(value);
  if (watched.kind === "dwell" && watched.measure === "median") return `${(value / 1000).toFixed(1)} s`;
  if (watched.kind === "rejected" || watched.kind === "dwell") return `${(value * 100).toFixed(1)} %`;
  if (watched.kind === "share") return value === 0 ? "0" : value.toPrecision(3);
  return Math.round(value).toLocaleString("en-US");
}

/** The range a value was judged by: “usual is 4 to 41”; nothing while none is known. */
export function rangeOf(watched: Watched, { low, high, basis }: Finding): string {
  const word = basis === "fixed" ? "the limit is" : "usual is";
  if (low !== null && high !== null) return `${word} ${amount(watched, low)} to ${amount(watched, high)}`;
  if (high !== null) return `${word} at most ${amount(watched, high)}`;
  return low === null ? "" : `${word} at least ${amount(watched, low)}`;
}

const BASIS: Record<Finding["basis"], string> = {
  week: "at this time of the week",
  day: "at this time of the day",
  last: "in the last windows",
  fixed: "",
  none: "",
};

/** What the range was made of, for a hover. */
export const basisWords = ({ basis, references }: Finding): string =>
  BASIS[basis] ? `From ${references} windows ${BASIS[basis]}.` : "";

/** How an alert stands, in a word and a tone. */
export function standingOf(alert: Alert): { word: string; tone: "danger" | "ok" | "" | "warn"; tip: string } {
  if (alert.incident !== null) return { word: "Out of range", tone: "danger", tip: "An incident is open." };
  const state = alert.finding?.state;
  if (state === undefined) return { word: "New", tone: "", tip: "It is judged within seconds." };
  if (state === "learning")
    return {
      word: "Learning",
      tone: "warn",
      tip: "There is not enough past to tell what is usual. It takes a day at least.",
    };
  if (state === "few")
    return {
      word: "Too few",
      tone: "",
      tip: "Fewer than 10 events in the last window: too few to tell a share or a median by.",
    };
  return { word: "In range", tone: "ok", tip: alert.finding ? basisWords(alert.finding) : "" };
}

/** How far a value is from the limit it broke: “2.4 times the most usual”, “60 % under the least usual”. */
export function offWords({ value, low, high }: Finding): string {
  if (value === null) return "";
  if (high !== null && value > high) {
    if (high === 0) return "above";
    const times = value / high;
    return times >= 1.95 ? `${times.toFixed(1)}×` : `+${Math.max(1, Math.round((times - 1) * 100))} %`;
  }
  if (low !== null && low > 0 && value < low) return `−${Math.max(1, Math.round((1 - value / low) * 100))} %`;
  return "";
}

/** The question behind an incident, as a path of this page. */
export function questionPath(watched: Watched, from: Ms, to: Ms): string {
  const query = new URLSearchParams({ from: String(from), to: String(to) });
  if (watched.kind === "rejected") return `/quality?${query}`;
  if (watched.kind === "dwell") return `/explore/elements?${query}`;
  query.set("action", watched.action);
  return `/explore/trends?${query}`;
}

/** How a message stands: sent, waiting for its next try, or given up. */
export function deliveryWords({ sent, due, tries }: Delivery): { word: string; tone: "ok" | "warn" | "danger" } {
  if (sent !== null) return { word: "sent", tone: "ok" };
  if (due === null) return { word: "given up", tone: "danger" };
  return { word: tries.length > 0 ? "is tried again" : "is being sent", tone: "warn" };
}

/** A sentence about what a preview found. */
export function previewWords({ fired, days, judged, learning, now }: AlertPreview): string {
  if (judged === 0)
    return learning > 0
      ? "There is not enough past yet to tell what is usual: it would be learning."
      : "There were too few events in each window to judge anything.";
  const often = fired === 1 ? "once" : `${fired} times`;
  const state = now?.state === "above" || now?.state === "below" ? " It would be open now." : "";
  const would = fired === 0 ? "would not have fired" : `would have fired ${often}`;
  return `In the last ${Math.round(days / 7)} weeks this ${would}.${state}`;
}
