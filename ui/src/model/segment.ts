/**
 * Segments: their conditions, as the server keeps them and as people read them.
 * Never: decides who is in one; the server does.
 */
import type { CustomerSummary, Ms } from "./shapes";

export interface Did {
  kind: "did";
  not?: boolean;
  action: string;
  params?: Record<string, string>;
  times?: number;
  days?: number | null;
  since?: Ms | null;
  until?: Ms | null;
}
export interface AttributeIs {
  kind: "attribute";
  not?: boolean;
  name: string;
  how?: "is" | "contains";
  value: string;
}
export interface Identified {
  kind: "identified";
  not?: boolean;
}
export interface Came {
  kind: "came";
  not?: boolean;
  by?: "channel" | "referrer" | "campaign" | "source";
  value: string;
}
export interface Used {
  kind: "used";
  not?: boolean;
  by?: "device" | "browser" | "os" | "country";
  value: string;
}
export interface Listed {
  kind: "listed";
  not?: boolean;
  customers: string[];
}
export type Condition = Did | AttributeIs | Identified | Came | Used | Listed;

export interface NewSegment {
  name: string;
  match: "all" | "any";
  conditions: Condition[];
  /** In a change: of what it was made on. */
  changed?: Ms;
}

export interface Segment extends NewSegment {
  id: string;
  created: Ms;
  changed: Ms;
}

export interface SegmentPreview {
  customers: number;
  total: number;
  examples: (Pick<CustomerSummary, "customer" | "uuids" | "identifiers"> & { last_seen: Ms; events: number })[];
}

export const CONDITIONS_MAX = 20;
export const LISTED_MAX = 1_000;
export const NAME_LENGTH_MAX = 100;
export const SEGMENTS_PATH = "/segments";
export const segmentPath = (id: string): string => `${SEGMENTS_PATH}/${encodeURIComponent(id)}`;

/** What begins a condition's line: a kind, and whether it is turned round. */
export const beginnings = {
  did: "did",
  "not did": "did not",
  attribute: "have the attribute",
  "not attribute": "do not have the attribute",
  identified: "said who they are",
  "not identified": "never said who they are",
  came: "first came by",
  "not came": "did not first come by",
  used: "used",
  "not used": "never used",
} as const;
export type Beginning = keyof typeof beginnings;

export const cameBy = {
  channel: "channel",
  referrer: "referring site",
  campaign: "campaign",
  source: "campaign's source",
} as const;
export const usedBy = { device: "device", browser: "browser", os: "system", country: "country" } as const;
export const placesUsed = { device: "phone", browser: "Firefox", os: "Android", country: "PL" } as const;

/** How a condition's line begins; a list of customers cannot be made by hand. */
export const beginningOf = (one: Condition): Beginning | null =>
  one.kind === "listed" ? null : (`${one.not ? "not " : ""}${one.kind}` as Beginning);

/** A new condition that begins so. What the old one says is kept where it is of the same kind. */
export function begun(beginning: Beginning, old?: Condition): Condition {
  const not = beginning.startsWith("not ");
  const kind = beginning.replace("not ", "") as Condition["kind"];
  if (old?.kind === kind) return { ...old, not };
  if (kind === "did") return { kind, not, action: "", times: 1, days: 30 };
  if (kind === "attribute") return { kind, not, name: "", how: "is", value: "" };
  if (kind === "came") return { kind, not, by: "channel", value: "" };
  if (kind === "used") return { kind, not, by: "device", value: "" };
  return { kind: "identified", not };
}

/** Whether a condition says all that it must. */
export function isWhole(one: Condition): boolean {
  if (one.kind === "did") return one.action.trim() !== "" && (one.times ?? 1) >= 1;
  if (one.kind === "attribute") return one.name.trim() !== "" && one.value !== "";
  if (one.kind === "came" || one.kind === "used") return one.value.trim() !== "";
  return true;
}

/** `colour=red size=M`: params as they are typed, one to a word. */
export const paramsText = (params: Record<string, string> = {}): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

export function readParams(text: string): Record<string, string> {
  const pairs = text
    .split(/\s+/)
    .map((word) => word.split(/=(.*)/s))
    .filter(([name, value]) => name && value);
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, value]));
}

/** A condition as the end of “customers who …”. */
export function conditionWords(one: Condition, momentWords: (ms: Ms) => string): string {
  const beginning = beginningOf(one);
  if (beginning === null || one.kind === "listed") {
    const n = one.kind === "listed" ? one.customers.length : 0;
    return `are ${one.not ? "not " : ""}on a list of ${n} customer${n === 1 ? "" : "s"}`;
  }
  const words = beginnings[beginning];
  if (one.kind === "did") {
    const params = paramsText(one.params);
    const times = one.times ?? 1;
    const often = times > 1 ? ` at least ${times} times` : "";
    return `${words} ${one.action}${params ? ` with ${params}` : ""}${often}${whenWords(one, momentWords)}`;
  }
  if (one.kind === "attribute")
    return `${words} ${one.name} ${one.how === "contains" ? "containing" : "="} ${one.value}`;
  if (one.kind === "came") return `${words} the ${cameBy[one.by ?? "channel"]} ${one.value}`;
  if (one.kind === "used") return `${words} the ${usedBy[one.by ?? "device"]} ${one.value}`;
  return words;
}

function whenWords({ days, since, until }: Did, momentWords: (ms: Ms) => string): string {
  if (days) return ` in the last ${days === 1 ? "day" : `${days} days`}`;
  if (since && until) return ` from ${momentWords(since)} to ${momentWords(until)}`;
  if (since) return ` since ${momentWords(since)}`;
  return until ? ` until ${momentWords(until)}` : "";
}

/** A segment as one sentence. */
export const segmentWords = (one: Pick<Segment, "match" | "conditions">, momentWords: (ms: Ms) => string): string =>
  `Customers who ${one.conditions.map((condition) => conditionWords(condition, momentWords)).join(one.match === "all" ? ", and who " : ", or who ")}.`;
