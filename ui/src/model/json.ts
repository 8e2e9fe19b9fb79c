/**
 * A JSON value as rows that can be shown and filtered by.
 * Never: shortens a value that is copied.
 */

export type Row = {
  name: string;
  text: string;
  type: "text" | "number" | "truth" | "nothing" | "nested";
  simple: boolean;
};

/** The top keys of an object, each with its value as text; nested ones as indented JSON. */
export function rowsOf(values: Record<string, unknown>): Row[] {
  return Object.entries(values).map(([name, value]) => ({
    name,
    text: textOf(value),
    type: typeOf(value),
    simple: isSimple(value),
  }));
}

/** Without what is empty: the server sends empty texts for what it does not know. */
export function withoutEmpty(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
}

const isEmpty = (value: unknown): boolean =>
  value === "" || value === null || (typeof value === "object" && value !== null && Object.keys(value).length === 0);

/** Pretty JSON of anything, as it is copied. */
export const pretty = (value: unknown): string => JSON.stringify(value, null, 2) ?? "null";

function typeOf(value: unknown): Row["type"] {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "truth";
  return typeof value === "object" ? "nested" : "text";
}

const isSimple = (value: unknown): boolean => value !== null && typeof value !== "object" && value !== undefined;

const textOf = (value: unknown): string => (typeof value === "string" ? value : pretty(value));
