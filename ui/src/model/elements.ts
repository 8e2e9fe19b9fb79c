/**
 * The question "What held them longer than usual?": its answer's shapes and words.
 * Never: judges; whether a hover was unusual the server decided when it arrived.
 */
import type { CustomerSummary, Ms } from "./shapes";

export interface ElementRow {
  element: string;
  views: number;
  hovers: number;
  clicks: number;
  ctr: number | null;
  dwell_p50: Ms | null;
  dwell_p95: Ms | null;
  hovered_without_click: number;
  unusual: number;
}

export interface Lingering extends Pick<CustomerSummary, "customer" | "uuids" | "identifiers"> {
  id: string;
  element: string;
  dwell: Ms;
  threshold: Ms;
  time: Ms;
}

/** What can be done with an element, as the server names it, and in words. */
export const deeds = {
  viewed: "saw it",
  hovered: "hovered over it",
  clicked: "clicked it",
  left: "hovered over it and never clicked it",
  unusual: "held on to it for longer than usual",
} as const;
export type Did = keyof typeof deeds;

/** 850 ms · 3.1 s · 2 min 5 s is too exact for a dwell above a minute: 2.1 min. */
export function dwellWords(ms: Ms): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  return `${Number((ms / 60_000).toFixed(1))} min`;
}

/** “longer than usual: 95 % leave within 3.1 s” */
export const unusualWords = ({ threshold, p }: { threshold: Ms; p: number }): string =>
  `longer than usual: ${Number((p * 100).toFixed(1))} % leave within ${dwellWords(threshold)}`;

export const sorts = {
  events: { name: "most events", by: (row: ElementRow) => row.views + row.hovers + row.clicks },
  unusual: { name: "most often longer than usual", by: (row: ElementRow) => row.unusual },
  dwell: { name: "longest held", by: (row: ElementRow) => row.dwell_p50 ?? -1 },
  ctr: { name: "best click-through", by: (row: ElementRow) => row.ctr ?? -1 },
  wasted: { name: "hovered over and left", by: (row: ElementRow) => row.hovered_without_click },
} as const;
export type Sort = keyof typeof sorts;

/** The rows in an order the address names. */
export function sorted(rows: ElementRow[], sort: Sort): ElementRow[] {
  const { by } = sorts[sort];
  return rows.toSorted((a, b) => by(b) - by(a));
}

export const readSort = (query: URLSearchParams): Sort => {
  const named = query.get("sort") ?? "";
  return named in sorts ? (named as Sort) : "events";
};

/** Where the right end of a dwell bar is, in percent: on the log scale from 100 ms to the longest 95th percentile. */
export function dwellPlace(ms: Ms | null, longest: Ms): number {
  if (ms === null || ms <= 100) return 0;
  return Math.min(100, (Math.log(ms / 100) / Math.log(Math.max(200, longest) / 100)) * 100);
}
