/**
 * The question "Where did they come from?": its answer's shapes, its part of the address, its words.
 * Never: asks; see parts/SourcesView.
 */
export interface SourceRow {
  name: string;
  sessions: number;
  customers: number;
}

/** The sessions of the items and `other` add up to `total`. */
export interface SourceTable {
  total: number;
  other: number;
  items: SourceRow[];
}

export const sourceKinds = {
  channel: "channel",
  referrer: "referring site",
  campaign: "campaign",
  source: "campaign's source",
  landing: "first page",
} as const;
export type SourceKind = keyof typeof sourceKinds;

export interface SourceQuestion {
  by: SourceKind;
  which: "session" | "first";
}

/** The question an address names. */
export function readSources(query: URLSearchParams): SourceQuestion {
  const by = query.get("told") ?? "";
  return {
    by: by in sourceKinds ? (by as SourceKind) : "channel",
    which: query.get("which") === "first" ? "first" : "session",
  };
}

/** The address's part of a question; what is usual is left out. */
export const writeSources = ({ by, which }: SourceQuestion): Record<string, string | null> => ({
  told: by === "channel" ? null : by,
  which: which === "session" ? null : which,
});

/** The question to the server, added to what it already asks. */
export function askSources({ by, which }: SourceQuestion, query: URLSearchParams): URLSearchParams {
  query.set("by", by);
  query.set("which", which);
  return query;
}

const channels: Record<string, string> = {
  direct: "direct: typed, a bookmark, or an app that does not say",
  search: "a search engine",
  paid: "a paid campaign",
  internal: "nothing from outside: own pages, or an excluded host",
  unknown: "no visit: an app, or a back office",
};

/** What a name means, where it does not speak for itself. */
export function sourceWords(name: string, by: SourceKind): { text: string; tip: string | null } {
  if (name === "") return { text: "none", tip: by === "landing" ? "No page was visited." : "Nothing that says so." };
  return { text: name, tip: by === "channel" ? (channels[name] ?? null) : null };
}

/** Hosts as they were typed, one to a word: without scheme, path and www., lower case. */
export const hostsIn = (text: string): string[] => [
  ...new Set(
    text
      .toLowerCase()
      .split(/[\s,;]+/)
      .map((word) =>
        word
          .replace(/^[a-z]+:\/\//, "")
          .replace(/[/?#:].*$/, "")
          .replace(/^www\./, ""),
      )
      .filter(Boolean),
  ),
];
