/**
 * Reading a tagged form: what it is called, which fields it has, and what is in those that the site tagged.
 * Never reads what is typed before the form is submitted, and never a field on the list of secrets.
 * A form's own properties are never used: a field called "elements" or "id" takes their place.
 */

import type { Params } from "./event.js";
import { secretName, secretValue } from "./secret.js";

/** Most fields of one event, and most characters of one value. */
const FIELDS_MAX = 50;
const VALUE_MAX = 1_024;

/** What all kinds of field have in common; elements of the application's own may have less. */
export type Field = Element & Partial<Pick<HTMLInputElement, "form" | "type" | "value" | "checked">>;

/** The element's attributes of these names. */
const attributes = (element: Element, names: string): (string | null)[] =>
  names.split(" ").map((name) => Element.prototype.getAttribute.call(element, name));

/** The first of them that says something. */
const first = (element: Element, names: string): string => attributes(element, names).find((each) => each) ?? "";

const closest = (element: Element, selector: string): Element | null =>
  Element.prototype.closest.call(element, selector);

const ignored = (element: Element): boolean => !!closest(element, "[data-track-ignore]");

/** The form's name; "" when it is not tagged, or lies in a part of the page that is left alone. */
export function formName(form: Element): string {
  const tagged = closest(form, "[data-track-form],form[data-synerise]");
  return tagged && !ignored(form)
    ? first(tagged, "data-track-form data-synerise") || first(form, "name id") || "form"
    : "";
}

/** The form that a field belongs to. */
export const formOf = (field: Field): Element | null | undefined => field.form ?? field.closest?.("form");

/** What a field is called in reports; its value is another matter. "" when it has no name or is left alone. */
export const fieldName = (field: Field): string =>
  ignored(field) ? "" : first(field, "data-track-field data-synerise name id");

/** Whether sending the form only closes a dialog. */
export const dialog = (form: Element, submitter?: Element | null): boolean =>
  /dialog/i.test((submitter && first(submitter, "formmethod")) || first(form, "method"));

function chosen(field: Field, submitter: unknown): unknown {
  const { type = "", value } = field;
  const override = first(field, "data-track-value data-synerise-value");
  const bare = !override && !field.hasAttribute("value");
  if (type === "checkbox" && bare) return field.checked;
  if (/radio|checkbox/.test(type) && !field.checked) return undefined;
  if (/submit|button|image|reset/.test(type) && field !== submitter) return undefined;
  if (override) return override;
  if (type === "select-multiple") return [...(field as HTMLSelectElement).selectedOptions].map((one) => one.value);
  return type === "hidden" ? undefined : value;
}

/** What remains of a value: texts cut to length, and nothing of what is empty or secret. */
function allowed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(allowed).filter((each) => each !== undefined);
  if (value === "" || secretValue(String(value))) return undefined;
  return typeof value === "string" ? value.slice(0, VALUE_MAX) : value;
}

/** The params without those whose name or value is on the list of secrets. */
export const withoutSecrets = (params: Params): Params =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, secretName(name) ? undefined : allowed(value)]),
  );

/**
 * The values of a form's tagged fields by their names; fields of one name make a list.
 * `root` is the document or shadow root in which to look, as fields may lie outside of their form.
 */
export function valuesOf(form: Element, root: ParentNode, submitter: unknown, passwords: WeakSet<object>): Params {
  const values: Params = {};
  const fields = [...root.querySelectorAll<Field>("[data-track-field],[data-synerise]")].filter(
    (field) => formOf(field) === form && !field.matches(":disabled") && fieldName(field),
  );
  for (const field of fields.slice(0, FIELDS_MAX)) {
    const name = fieldName(field);
    if (passwords.has(field) || secretName(attributes(field, "name id type autocomplete").join(" ") + name)) continue;
    const value = allowed(chosen(field, submitter));
    const shared = fields.filter((other) => fieldName(other) === name && other.type !== "radio").length > 1;
    if (value !== undefined) values[name] = shared ? ([] as unknown[]).concat(values[name] ?? [], value) : value;
  }
  return values;
}
