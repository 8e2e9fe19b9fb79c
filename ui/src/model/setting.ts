/**
 * A site's settings as a form: what a field shows, and what is sent of it.
 * Never: knows a setting by its name; what there is to set is told by the server.
 */
import { formProblem } from "./problem";
import type { SettingRow } from "./shapes";

/** What a field holds: a tick, or text; a list has one entry a line. */
export type Held = boolean | string;
export type Draft = Record<string, Held>;

/** The fields for these values; a value that is not there is the default. */
export function draftOf(rows: SettingRow[], values: Record<string, unknown>): Draft {
  return Object.fromEntries(rows.map((row) => [row.name, shown(row, values[row.name] ?? row.default)]));
}

function shown(row: SettingRow, value: unknown): Held {
  if (row.kind === "boolean") return value === true;
  if (row.kind === "list") return (value as string[]).join("\n");
  return String(value);
}

/**
 * What differs between the fields and the values, to be sent.
 * @throws Problem with a sentence for a number that is none.
 */
export function changesOf(rows: SettingRow[], values: Record<string, unknown>, draft: Draft): Record<string, unknown> {
  const before = draftOf(rows, values);
  const changed = rows.filter((row) => draft[row.name] !== before[row.name]);
  return Object.fromEntries(changed.map((row) => [row.name, sent(row, draft[row.name] ?? "")]));
}

function sent(row: SettingRow, held: Held): unknown {
  if (typeof held === "boolean") return held;
  if (row.kind === "list") return held.split("\n").flatMap((line) => line.trim() || []);
  if (row.kind !== "integer" && row.kind !== "number") return held.trim();
  const number = Number(held);
  if (held.trim() === "" || !Number.isFinite(number)) throw formProblem(`${row.name} must be a number.`);
  return number;
}

/** “1 to 86,400, by default 1,800”; empty where there is nothing to say. */
export function rangeWords(row: SettingRow): string {
  const number = (value: number) => value.toLocaleString("en");
  const range = row.minimum === null || row.maximum === null ? "" : `${number(row.minimum)} to ${number(row.maximum)}`;
  const usual = typeof row.default === "number" ? `by default ${number(row.default)}` : "";
  return [range, usual].filter(Boolean).join(", ");
}

/** A name for people: `session_timeout_s` is “Session timeout (s)”; the SDK's own letters are left out. */
export function titleOf(name: string): string {
  const units: Record<string, string> = { s: "s", ms: "ms", days: "days", per_s: "per second" };
  const [, words = name, unit = ""] = /^(?:sdk_)?(.+?)(?:_(per_s|ms|s|days))?$/.exec(name) ?? [];
  const text = words.replaceAll("_", " ").replace(/\b(ip|spa|sdk|gpc|dnt)\b/g, (known) => known.toUpperCase());
  return text.charAt(0).toUpperCase() + text.slice(1) + (unit ? ` (${units[unit]})` : "");
}
