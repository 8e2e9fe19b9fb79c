/**
 * What the catalogue says of an action, in words; and a definition's form as it is sent.
 * Never: judges an event; that is the server's.
 */
import { exactCount } from "./format";
import { formProblem } from "./problem";
import type { Definition, ParamSeen } from "./shapes";

/** What can be changed of a definition. */
export interface Draft {
  name: string;
  description: string;
  icon: string;
  label: string;
  needs: Definition["needs"];
  schema: string;
  retention: string;
  deprecated: boolean;
}

export const needsWords: Record<Definition["needs"], string> = {
  anonymous: "Anyone",
  token: "Customers with a token, or a server",
  server: "A server with an API key only",
};

/** Whether events could have this action: `context.activity`, at most 32 characters. */
export const isAction = (text: string): boolean => /^[a-zA-Z0-9._-]{1,32}$/.test(text) && /[^.]\..*[^.]/.test(text);

/** An action that nobody has declared or sent yet. */
export const blankOf = (action: string): Definition => ({
  action,
  name: "",
  description: "",
  icon: "",
  label: "",
  needs: "anonymous",
  schema: {},
  retention_days: null,
  deprecated: false,
  declared: false,
  built_in: false,
  volume: 0,
  first_seen: null,
  last_seen: null,
  similar: null,
  params: [],
});

/** The form for what is declared now. */
export function draftOf(one: Definition): Draft {
  return {
    name: one.name,
    description: one.description,
    icon: one.icon,
    label: one.label,
    needs: one.needs,
    schema: Object.keys(one.schema).length > 0 ? JSON.stringify(one.schema, null, 2) : "",
    retention: one.retention_days === null ? "" : String(one.retention_days),
    deprecated: one.deprecated,
  };
}

/**
 * The body to send for a form.
 * @throws Problem with a sentence for what cannot be sent.
 */
export function bodyOf(draft: Draft): Record<string, unknown> {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    icon: draft.icon,
    label: draft.label.trim(),
    needs: draft.needs,
    schema: readSchema(draft.schema),
    retention_days: draft.retention.trim() === "" ? null : Number(draft.retention),
    deprecated: draft.deprecated,
  };
}

function readSchema(text: string): Record<string, unknown> {
  if (text.trim() === "") return {};
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw formProblem(`The schema is not JSON: ${cause instanceof Error ? cause.message : "it cannot be read"}.`);
  }
  if (typeof read !== "object" || read === null || Array.isArray(read))
    throw formProblem("The schema must be an object.");
  return read as Record<string, unknown>;
}

/** A schema that asks for what is seen now. Numbers that were whole so far may have a fraction later. */
export function schemaOf(params: ParamSeen[]): string {
  const always = params.filter((one) => one.share === 1).map((one) => one.name);
  const properties = Object.fromEntries(params.map((one) => [one.name, { type: typesOf(one.types) }]));
  return JSON.stringify({ required: always, properties }, null, 2);
}

function typesOf(seen: string[]): string | string[] {
  const types = seen.map((type) => (type === "integer" ? "number" : type));
  return types.length === 1 ? String(types[0]) : types;
}

/** How an action is known, in a word. */
export function standing(one: Definition): string {
  if (one.deprecated) return "Deprecated";
  if (one.declared) return "Declared";
  return one.built_in ? "Built in" : "Discovered";
}

/** How often a param is there, for people. */
export const shareWords = (share: number): string =>
  share === 1 ? "always" : share < 0.01 ? "under 1 %" : `${exactCount(Math.round(share * 100))} %`;

/** An example's value on one line. */
export function exampleWords(value: unknown): string {
  // No param is null: this is what somebody put into a form, kept from those who may not see it.
  if (value === null) return "shown to editors and admins";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
