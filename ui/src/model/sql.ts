/**
 * The SQL console: its answer's shapes, what a key does in the editor, and words for cells.
 * Never: changes what the store said; a number that was rounded would be another one.
 */

export interface SqlTable {
  name: string;
  meaning: string;
  columns: { name: string; meaning: string }[];
}

export interface SqlTables {
  tables: SqlTable[];
  limits: { rows: number; file_rows: number; seconds: number; memory_mb: number };
}

export interface SqlResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  rows_read: number;
  took_ms: number;
  truncated: boolean;
}

/** Queries to begin with; each gives rows on the demo. */
export const examples: { name: string; query: string }[] = [
  {
    name: "Actions, the most frequent first",
    query:
      "SELECT action, count() AS events, uniqExact(customer) AS customers\nFROM events\nGROUP BY action\nORDER BY events DESC",
  },
  {
    name: "Visits and visitors by day",
    query:
      "SELECT toDate(at) AS day, count() AS visits, uniqExact(customer) AS visitors\nFROM events\nWHERE action = 'page.visit' AND NOT bot\nGROUP BY day\nORDER BY day",
  },
  {
    name: "The busiest customers",
    query:
      "SELECT customer, email, events, sessions, fromUnixTimestamp64Milli(last_seen, 'UTC') AS last\nFROM customers\nORDER BY events DESC\nLIMIT 20",
  },
  {
    name: "Pages on which sessions end",
    query:
      "SELECT exit, count() AS sessions, round(avg(pages), 1) AS pages, round(avg(ended - started) / 1000) AS seconds\nFROM sessions\nWHERE exit != ''\nGROUP BY exit\nORDER BY sessions DESC\nLIMIT 20",
  },
  {
    name: "How long each element is held, by device",
    query:
      "SELECT element, device, count() AS hovers, round(quantileExact(0.5)(dwell)) AS median_ms\nFROM events\nWHERE action = 'element.hover'\nGROUP BY element, device\nORDER BY hovers DESC",
  },
  {
    name: "Time from the first visit to the first click",
    query:
      "WITH firsts AS (\n  SELECT customer, minIf(time, action = 'page.visit') AS came, minIf(time, action = 'element.click') AS clicked\n  FROM events\n  GROUP BY customer\n  HAVING came > 0 AND clicked > came\n)\nSELECT count() AS customers, round(quantileExact(0.5)((clicked - came) / 1000)) AS median_s\nFROM firsts",
  },
];

/** Whether a column's values are aligned as figures. */
export const isFigure = (type: string): boolean =>
  /^(Nullable\(|LowCardinality\()*(U?Int\d|Float|BFloat|Decimal)/.test(type);

/** A cell as the table shows it. */
export function cellWords(cell: unknown): string {
  if (cell === null || cell === undefined) return "null";
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}

export interface Edit {
  text: string;
  start: number;
  end: number;
}

const STEP = "  ";

/** Tab in the editor: two spaces at the caret; the chosen lines move in, with `out` they move back. */
export function indent({ text, start, end }: Edit, out: boolean): Edit {
  if (!out && start === end)
    return { text: text.slice(0, start) + STEP + text.slice(end), start: start + 2, end: start + 2 };
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const until = text.indexOf("\n", end) === -1 ? text.length : text.indexOf("\n", end);
  const lines = text.slice(from, until).split("\n");
  const moved = lines.map((line) => (out ? line.replace(/^ {1,2}/, "") : STEP + line));
  const first = (moved[0]?.length ?? 0) - (lines[0]?.length ?? 0);
  const all = moved.join("\n");
  return {
    text: text.slice(0, from) + all + text.slice(until),
    start: Math.max(from, start + first),
    end: Math.max(from, end + all.length - (until - from)),
  };
}

/** The character that an error's field names (`query[12]`), as JavaScript counts them; null where it names none. */
export function placeOf(field: string | null, query: string): number | null {
  const named = /^query\[(\d+)\]$/.exec(field ?? "");
  return named ? [...query].slice(0, Number(named[1])).join("").length : null;
}
