/**
 * A request to one operation, as an address, as a sample body and as a line for the terminal.
 * Never: contains a secret; the API key is left to a variable of the reader's shell.
 */
import type { Operation, Parameter } from "./openapi";
import { type Lookup, plainOf, type Schema } from "./schema";

/** What was filled in, by `keyOf` a parameter. */
export type Values = Record<string, string>;

/** The shell variable that holds the reader's API key. */
export const KEY_VARIABLE = "TRACKWAY_KEY";

/** Samples of nested shapes end here; what is deeper is left empty. */
const SAMPLE_DEPTH_MAX = 6;

/** Path and query may use one name for two things. */
export const keyOf = (parameter: Parameter): string => `${parameter.in}:${parameter.name}`;

/** The required parameters that have no value yet. */
export function missing(operation: Operation, values: Values): Parameter[] {
  return operation.parameters.filter((one) => (one.required || one.in === "path") && !values[keyOf(one)]);
}

/**
 * Path with query. An empty value is left out of the query; in the path its name stands in capitals, which,
 * unlike braces, a terminal takes as it is.
 */
export function addressOf(operation: Operation, values: Values): string {
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = values[`path:${name}`];
    return value ? encodeURIComponent(value) : name.toUpperCase();
  });
  const query = new URLSearchParams(filled(operation, "query", values));
  return query.size > 0 ? `${path}?${query}` : path;
}

/** Headers that were filled in. */
export const headersOf = (operation: Operation, values: Values): Record<string, string> =>
  Object.fromEntries(filled(operation, "header", values));

function filled(operation: Operation, place: Parameter["in"], values: Values): [string, string][] {
  return operation.parameters
    .filter((one) => one.in === place && values[keyOf(one)])
    .map((one) => [one.name, values[keyOf(one)] ?? ""]);
}

/** A curl command for the operation, ready once the key is in `TRACKWAY_KEY`. */
export function curlLine(operation: Operation, origin: string, values: Values, lookup: Lookup): string {
  const streams = operation.answers.some((one) => one.media.some((media) => media.type === "text/event-stream"));
  const body = sampleBody(operation, lookup);
  const method = operation.method === "GET" || (operation.method === "POST" && body) ? "" : ` -X ${operation.method}`;
  const lines = [`curl${streams ? " -N" : ""}${method} ${quote(origin + addressOf(operation, values))}`];
  if (operation.takesKey) lines.push(`-H "Authorization: Bearer $${KEY_VARIABLE}"`);
  for (const [name, value] of filled(operation, "header", values)) lines.push(`-H ${quote(`${name}: ${value}`)}`);
  if (body) lines.push(`-H ${quote(`Content-Type: ${body.type}`)}`, `-d ${quote(body.text)}`);
  return lines.join(" \\\n  ");
}

/** What a shell takes as one word, whatever stands in it. */
export const quote = (text: string): string => `'${text.replace(/'/g, "'\\''")}'`;

/** A body to begin with, of the first media type: the description's own example, or one made of what is required. */
export function sampleBody(operation: Operation, lookup: Lookup): { type: string; text: string } | null {
  const [media] = operation.body?.media ?? [];
  if (!media) return null;
  const sample = media.example ?? (media.schema ? sampleOf(media.schema, lookup) : {});
  return { type: media.type === "*/*" ? "application/json" : media.type, text: JSON.stringify(sample, null, 2) };
}

/** A value that has the schema's shape: required keys only, or all of them where none is required. */
export function sampleOf(schema: Schema, lookup: Lookup, depth = 0): unknown {
  const plain = plainOf(schema, lookup).schema;
  const given = plain.examples?.[0] ?? plain.default ?? plain.enum?.[0] ?? plain.const;
  if (given !== undefined) return given;
  const [choice] = plain.oneOf ?? plain.anyOf ?? [];
  if (depth > SAMPLE_DEPTH_MAX) return null;
  if (choice) return sampleOf(choice, lookup, depth + 1);
  if (plain.properties) return sampleObject(plain, plain.properties, lookup, depth);
  if (plain.items) return [sampleOf(plain.items, lookup, depth + 1)];
  return sampleSimple(plain);
}

function sampleObject(plain: Schema, properties: Record<string, Schema>, lookup: Lookup, depth: number): unknown {
  const all = Object.keys(properties);
  const names = plain.required?.length ? all.filter((name) => plain.required?.includes(name)) : all;
  return Object.fromEntries(names.map((name) => [name, sampleOf(properties[name] ?? {}, lookup, depth + 1)]));
}

function sampleSimple({ type, format, minimum }: Schema): unknown {
  const [first] = [type].flat();
  if (first === "string") return format === "uuid" ? "00000000-0000-4000-8000-000000000000" : "text";
  if (first === "integer" || first === "number") return Math.max(0, minimum ?? 0);
  if (first === "boolean") return false;
  return first === "array" ? [] : {};
}
