/**
 * What is going on now: the panels beside the stream, and what each of their names narrows it to.
 * Never: counts; all numbers are the server's.
 */
import type { Filters } from "./filters";
import type { Ms } from "./shapes";

export interface NowRow {
  name: string;
  events: number;
  customers: number;
}

export interface NowPanel {
  /** How many names there are in all. */
  names: number;
  items: NowRow[];
}

export type PanelKey = "pages" | "actions" | "channels" | "countries" | "sources";

export interface LiveNow extends Record<PanelKey, NowPanel> {
  since: Ms;
  minutes: number;
  visitors_now: number;
  events_per_second: number;
  events: number;
  customers: number;
}

/** How many names a panel shows; its place is kept, however many there are. */
export const NAMES_SHOWN = 5;
/** The ranges that can be chosen; the first is the usual one. */
export const MINUTES = [5, 30] as const;

export const readMinutes = (query: URLSearchParams): number => (query.get("minutes") === "30" ? 30 : 5);

interface Panel {
  key: PanelKey;
  title: string;
  definition: string;
  /** The filter of the stream that a name of this panel is. */
  filter: "page" | "action" | "channel" | "country" | "source";
  /** What is counted, for “12 visits”. */
  one: string;
  /** What to say when there is nothing. */
  none: string;
}

export const panels: Panel[] = [
  {
    key: "pages",
    title: "Pages",
    definition: "Visits of each page, by the path of its address, and of each screen of an app.",
    filter: "page",
    one: "visit",
    none: "No page or screen was visited.",
  },
  {
    key: "actions",
    title: "Actions",
    definition: "Events of each action, whatever their source.",
    filter: "action",
    one: "event",
    none: "Nothing was done.",
  },
  {
    key: "channels",
    title: "Came from",
    definition: "Visits from outside the site, by channel. Going on from page to page is none.",
    filter: "channel",
    one: "visit",
    none: "Nobody came in from outside.",
  },
  {
    key: "countries",
    title: "Countries",
    definition: "Events by the country of their address.",
    filter: "country",
    one: "event",
    none: "No country is known. The server finds countries with a City database, which its setting geoip_path names.",
  },
  {
    key: "sources",
    title: "Sent by",
    definition: "Events by what sent them: browsers, apps, servers, imports.",
    filter: "source",
    one: "event",
    none: "Nothing was sent.",
  },
];

const sourceNames: Record<string, string> = { web: "Browsers", mobile: "Apps", server: "Servers", import: "Imports" };

/** A name of a panel as people read it. */
export function rowWords(panel: PanelKey, name: string, country: (code: string) => string): string {
  if (panel === "countries") return country(name);
  if (panel === "sources") return sourceNames[name] ?? name;
  return panel === "pages" && name.startsWith("screen:") ? name.slice("screen:".length) : name;
}

/** Whether the stream is narrowed to a name, and the filters with the name put in or taken out again. */
export function toggle(filters: Filters, panel: Panel, name: string): { on: boolean; next: Filters } {
  const on = filters[panel.filter] === name;
  return { on, next: { ...filters, [panel.filter]: on ? null : name } };
}

/** 0.07 · 2.4 · 1,200: two digits that matter. */
export const rateWords = (perSecond: number): string =>
  perSecond >= 100 ? Math.round(perSecond).toLocaleString("en-US") : String(Number(perSecond.toPrecision(2)));
