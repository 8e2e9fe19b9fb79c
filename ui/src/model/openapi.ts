/**
 * An OpenAPI 3.1 description as operations grouped by tag: what the page that browses the API shows.
 * Never: names a route of its own; everything comes from the description.
 */
import type { Schema } from "./schema";

/** The part of OpenAPI that is read here. */
export interface Description {
  openapi: string;
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, unknown>>;
  tags?: { name: string; description?: string }[];
  security?: Requirement[];
  components?: { securitySchemes?: Record<string, SecurityScheme> };
}

type Requirement = Record<string, string[]>;
interface SecurityScheme {
  type: string;
  scheme?: string;
  name?: string;
  in?: string;
  description?: string;
}
type Content = Record<string, { schema?: Schema; example?: unknown; examples?: Record<string, { value?: unknown }> }>;

interface RawOperation {
  operationId?: string;
  tags?: string[];
  summary?: string;
  description?: string;
  deprecated?: boolean;
  security?: Requirement[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; description?: string; content: Content };
  responses?: Record<string, { description?: string; content?: Content }>;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header" | "cookie";
  required?: boolean;
  deprecated?: boolean;
  description?: string;
  schema?: Schema;
}

/** Content of a body or an answer, in one media type. */
export interface Media {
  type: string;
  schema: Schema | null;
  /** An example the description gives; undefined when it gives none. */
  example: unknown;
}

export interface Answer {
  /** `200`, or `4XX` for a whole class. */
  status: string;
  description: string;
  media: Media[];
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  deprecated: boolean;
  /** Each sentence is one way in; empty: everybody. */
  access: string[];
  /** An API key is one of the ways in. */
  takesKey: boolean;
  parameters: Parameter[];
  body: { required: boolean; description: string; media: Media[] } | null;
  answers: Answer[];
}

export interface Group {
  tag: string;
  description: string;
  operations: Operation[];
}

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** The operations by tag, in the description's order; without a tag they stand under “other”. */
export function readGroups(description: Description): Group[] {
  const groups = new Map<string, Group>();
  for (const { name, description: words = "" } of description.tags ?? [])
    groups.set(name, { tag: name, description: words, operations: [] });
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of METHODS.filter((one) => one in item)) {
      const raw = item[method] as RawOperation;
      const tag = raw.tags?.[0] ?? "other";
      const group = groups.get(tag) ?? { tag, description: "", operations: [] };
      group.operations.push(readOperation(description, path, method, raw, item.parameters as Parameter[] | undefined));
      groups.set(tag, group);
    }
  }
  return [...groups.values()].filter((group) => group.operations.length > 0);
}

function readOperation(
  description: Description,
  path: string,
  method: string,
  raw: RawOperation,
  shared: Parameter[] = [],
): Operation {
  const security = raw.security ?? description.security ?? [];
  const own = raw.parameters ?? [];
  const inherited = shared.filter((one) => !own.some((other) => other.name === one.name && other.in === one.in));
  return {
    id: raw.operationId ?? `${method}${path.replace(/\W+/g, "-")}`,
    method: method.toUpperCase(),
    path,
    summary: raw.summary ?? path,
    description: raw.description ?? "",
    deprecated: raw.deprecated ?? false,
    access: security.map((one) => accessWords(description, one)),
    takesKey: security.some((one) => Object.keys(one).some((name) => isBearer(schemeOf(description, name)))),
    parameters: [...inherited, ...own],
    body: raw.requestBody ? readBody(raw.requestBody) : null,
    answers: Object.entries(raw.responses ?? {}).map(([status, answer]) => ({
      status,
      description: answer.description ?? "",
      media: readMedia(answer.content),
    })),
  };
}

const readBody = (raw: NonNullable<RawOperation["requestBody"]>) => ({
  required: raw.required ?? false,
  description: raw.description ?? "",
  media: readMedia(raw.content),
});

function readMedia(content: Content = {}): Media[] {
  return Object.entries(content).map(([type, { schema, example, examples }]) => ({
    type,
    schema: schema && Object.keys(schema).length > 0 ? schema : null,
    example: example ?? Object.values(examples ?? {})[0]?.value,
  }));
}

const schemeOf = (description: Description, name: string): SecurityScheme | undefined =>
  description.components?.securitySchemes?.[name];

const isBearer = (scheme?: SecurityScheme): boolean => scheme?.type === "http" && scheme.scheme === "bearer";

/** One requirement in words; all of its schemes are needed together. */
function accessWords(description: Description, requirement: Requirement): string {
  const parts = Object.entries(requirement).map(([name, scopes]) => {
    const words = schemeWords(name, schemeOf(description, name));
    return scopes.length > 0 ? `${words}, scope ${scopes.join(" and ")}` : words;
  });
  return parts.join(" together with ") || "neither a login nor a key";
}

function schemeWords(name: string, scheme?: SecurityScheme): string {
  if (!scheme) return name;
  if (isBearer(scheme)) return `with ${lowerFirst(scheme.description ?? name)}, as bearer token`;
  if (scheme.type === "apiKey" && scheme.in === "cookie") return `with the login of this page (cookie ${scheme.name})`;
  return scheme.description ?? `${name}, in the ${scheme.in ?? scheme.type} ${scheme.name ?? ""}`.trim();
}

/** “An API key” within a sentence; “API key” stays as it is. */
const lowerFirst = (text: string): string =>
  /^[A-Z]([a-z]| )/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;

/** The groups with only what fits a text: part of the path, the summary, the method or the operation's id. */
export function fitting(groups: Group[], typed: string): Group[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return groups;
  return groups
    .map((group) => ({ ...group, operations: group.operations.filter((one) => fits(group.tag, one, words)) }))
    .filter((group) => group.operations.length > 0);
}

function fits(tag: string, operation: Operation, words: string[]): boolean {
  const { id, method, path, summary } = operation;
  const text = `${tag} ${id} ${method} ${path} ${summary}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
