/**
 * JSON Schema (2020-12, as OpenAPI 3.1 uses it) said in words, one level at a time, so that a circle has no end to reach.
 * Never: checks a value against a schema (the server does).
 */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
}

/** Finds what a `$ref` names; undefined when the description lacks it. */
export type Lookup = (ref: string) => Schema | undefined;

/** Something inside a schema: a property, one of several shapes, or what keys that are not named may hold. */
export interface Part {
  name: string;
  kind: "property" | "choice" | "others";
  required: boolean;
  schema: Schema;
}

/** A schema in words. */
export interface Shape {
  type: string;
  limits: string[];
  values: string[];
  /** The default, as JSON. */
  fallback: string | null;
  description: string;
  parts: Part[];
}

/** A schema without references and wrappers, and whether null is allowed as well. */
interface Plain {
  schema: Schema;
  nullable: boolean;
}

/** References to references, wrappers in wrappers, arrays of arrays: more of them than this is a circle. */
const HOPS_MAX = 12;

/** Looks up `#/a/b` in a document. */
export function lookupIn(document: unknown): Lookup {
  return (ref) => {
    let at: unknown = document;
    for (const step of ref.replace(/^#\/?/, "").split("/")) {
      if (typeof at !== "object" || at === null) return undefined;
      at = (at as Record<string, unknown>)[step.replace(/~1/g, "/").replace(/~0/g, "~")];
    }
    return at as Schema | undefined;
  };
}

/** One level of a schema in words; its parts are schemas again. */
export function describe(schema: Schema, lookup: Lookup): Shape {
  const plain = plainOf(schema, lookup);
  return {
    type: typeWords(plain, lookup),
    limits: limitsOf(plain.schema),
    values: valuesOf(plain.schema).map((value) => (typeof value === "string" ? value : JSON.stringify(value))),
    fallback: plain.schema.default === undefined ? null : JSON.stringify(plain.schema.default),
    description: plain.schema.description ?? "",
    parts: partsOf(plain.schema, lookup),
  };
}

/** Follows references, joins `allOf`, and takes off a wrapper whose only other choice is null. */
export function plainOf(schema: Schema, lookup: Lookup, hops = 0): Plain {
  if (hops > HOPS_MAX) return { schema: {}, nullable: false };
  if (schema.$ref) return plainOf(follow(schema, schema.$ref, lookup), lookup, hops + 1);
  if (schema.allOf) return plainOf(join(schema, schema.allOf, lookup, hops), lookup, hops + 1);
  const choices = choicesOf(schema);
  const real = choices.filter((choice) => choice.type !== "null");
  const [only] = real;
  if (!only || real.length > 1) return withoutNull(schema, choices.length > real.length);
  const { oneOf, anyOf, ...around } = schema;
  const inner = plainOf(only, lookup, hops + 1);
  return { schema: { ...inner.schema, ...around }, nullable: inner.nullable || choices.length > real.length };
}

const choicesOf = (schema: Schema): Schema[] => schema.oneOf ?? schema.anyOf ?? [];

/** What stands beside a reference holds over what it names; its last word is a name where there is no other. */
function follow(schema: Schema, ref: string, lookup: Lookup): Schema {
  const { $ref, ...beside } = schema;
  const title = ref.split("/").pop() ?? ref;
  return { title, ...(lookup(ref) ?? { description: `${ref} is not in the description.` }), ...beside };
}

function join(schema: Schema, all: Schema[], lookup: Lookup, hops: number): Schema {
  const { allOf, ...around } = schema;
  const joined: Schema = { properties: {}, required: [] };
  for (const one of [...all, around].map((next) => plainOf(next, lookup, hops + 1).schema)) {
    const properties = { ...joined.properties, ...one.properties };
    const required = [...(joined.required ?? []), ...(one.required ?? [])];
    Object.assign(joined, one, { properties, required });
  }
  return joined;
}

/** `type: [x, null]` says the same as a choice of x and null. */
function withoutNull(schema: Schema, nullable: boolean): Plain {
  if (!Array.isArray(schema.type)) return { schema, nullable };
  const [first, ...more] = schema.type.filter((type) => type !== "null");
  const type = more.length > 0 ? [first ?? "", ...more] : first;
  return { schema: { ...schema, type }, nullable: nullable || schema.type.includes("null") };
}

function typeWords({ schema, nullable }: Plain, lookup: Lookup, hops = 0): string {
  const type = hops > HOPS_MAX ? "…" : bareType(schema, lookup, hops + 1);
  if (!nullable) return type;
  return /^(array|map) of /.test(type) ? `${type}; or null` : `${type} or null`;
}

function bareType(schema: Schema, lookup: Lookup, hops: number): string {
  const choices = choicesOf(schema).filter((choice) => choice.type !== "null");
  if (choices.length > 1) return choiceWords(schema, choices, lookup, hops);
  if (schema.type === "array" || schema.items) return arrayWords(schema, lookup, hops);
  if (isObject(schema)) return objectWords(schema, lookup, hops);
  const type = [schema.type ?? guessType(schema)].flat().join(" or ");
  return schema.format ? `${type} (${schema.format})` : type;
}

/** Simple choices are named; shapes are counted and stand below, each for itself. */
function choiceWords(schema: Schema, choices: Schema[], lookup: Lookup, hops: number): string {
  if (partsOf(schema, lookup).length > 0) return `one of ${choices.length} shapes`;
  return [...new Set(choices.map((choice) => typeWords(plainOf(choice, lookup), lookup, hops)))].join(" or ");
}

function arrayWords(schema: Schema, lookup: Lookup, hops: number): string {
  return schema.items ? `array of ${typeWords(plainOf(schema.items, lookup), lookup, hops)}` : "array";
}

/** An object without named keys is a map from text to something. */
function objectWords(schema: Schema, lookup: Lookup, hops: number): string {
  const others = othersOf(schema);
  if (schema.properties || !others) return schema.title ?? "object";
  return `map of ${typeWords(plainOf(others, lookup), lookup, hops)}`;
}

const isObject = (schema: Schema): boolean => schema.type === "object" || schema.properties !== undefined;

/** The schema of keys that are not named; null where anything or nothing may stand there. */
function othersOf({ additionalProperties: others }: Schema): Schema | null {
  return typeof others === "object" && Object.keys(others).length > 0 ? others : null;
}

const valuesOf = (schema: Schema): unknown[] => schema.enum ?? (schema.const === undefined ? [] : [schema.const]);

function guessType(schema: Schema): string {
  const types = new Set(valuesOf(schema).map((value) => (value === null ? "null" : typeof value)));
  return types.size > 0 ? [...types].join(" or ") : "anything";
}

/** What can be opened below: properties, the shapes to choose from, or those of an array's items. */
function partsOf(schema: Schema, lookup: Lookup, hops = 0): Part[] {
  if (hops > HOPS_MAX) return [];
  const choices = choicesOf(schema).filter((choice) => choice.type !== "null");
  if (choices.length > 1) return choiceParts(choices, lookup);
  if (schema.items) return partsOf(plainOf(schema.items, lookup).schema, lookup, hops + 1);
  const named = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    kind: "property" as const,
    required: schema.required?.includes(name) ?? false,
    schema: property,
  }));
  return [...named, ...otherParts(schema, lookup, hops)];
}

function choiceParts(choices: Schema[], lookup: Lookup): Part[] {
  const shapes = choices.map((choice) => plainOf(choice, lookup));
  if (shapes.every(({ schema }) => !isObject(schema) && !schema.items)) return [];
  return choices.map((schema, at) => ({ name: `Shape ${at + 1}`, kind: "choice", required: false, schema }));
}

function otherParts(schema: Schema, lookup: Lookup, hops: number): Part[] {
  const others = othersOf(schema);
  if (!others) return [];
  const simple = partsOf(plainOf(others, lookup).schema, lookup, hops + 1).length === 0;
  return simple && !schema.properties ? [] : [{ name: "any other", kind: "others", required: false, schema: others }];
}

/** Whole numbers that a script can hold exactly end here: a limit that says no more than “a safe number”. */
const SAFE_END = 2 ** 53;

function limitsOf(schema: Schema): string[] {
  const { minimum, maximum } = schema;
  const safe = minimum === -SAFE_END && maximum === SAFE_END;
  const said = [
    span("character", schema.minLength, schema.maxLength),
    safe ? "between ±2⁵³" : span("", minimum, maximum),
    schema.exclusiveMinimum === undefined ? "" : `more than ${schema.exclusiveMinimum}`,
    schema.exclusiveMaximum === undefined ? "" : `less than ${schema.exclusiveMaximum}`,
    schema.multipleOf === undefined ? "" : `a multiple of ${schema.multipleOf}`,
    span("item", schema.minItems, schema.maxItems),
    schema.uniqueItems ? "each once" : "",
    schema.pattern === undefined ? "" : `matches ${schema.pattern}`,
  ];
  return said.filter((limit) => limit !== "");
}

function span(of: string, least?: number, most?: number): string {
  const unit = (n: number) => (of === "" ? "" : ` ${of}${n === 1 ? "" : "s"}`);
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit(most)}`;
  if (least !== undefined) return `at least ${least}${unit(least)}`;
  return most === undefined ? "" : `at most ${most}${unit(most)}`;
}
