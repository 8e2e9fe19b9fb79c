/**
 * The question "What became of forms?": its answer's shapes and words.
 * Never: shows a value that the server did not send.
 */
import { attributeText } from "./customer";
import type { CustomerSummary, Ms } from "./shapes";

export interface FormField {
  field: string;
  last: number;
  touched: number;
  wrong: number;
  focus_p50: Ms | null;
  filled: number;
  refills: number;
}

export interface FormRow {
  form: string;
  started: number;
  submitted: number;
  abandoned: number;
  completion: number;
  customers: number;
  submitters: number;
  left_after_p50: Ms | null;
  fields: FormField[];
}

export interface Submission extends Pick<CustomerSummary, "customer" | "uuids" | "identifiers"> {
  id: string;
  time: Ms;
  session: string | null;
  url: string;
  fields: string[];
  /** Null for those who may not see what was put in. */
  values: Record<string, unknown> | null;
}

/** What becomes of a form each time something is put into it, as the server asks for the customers of it. */
export const outcomes = {
  started: "put something into it",
  submitted: "submitted it",
  left: "left it",
} as const;
export type Became = keyof typeof outcomes;

/** The form an address names; without one, that with the most events. */
export const chosenForm = (forms: FormRow[], named: string | null): FormRow | null =>
  named === null ? (forms[0] ?? null) : (forms.find((one) => one.form === named) ?? null);

/** The fields in which something happened when the form was left, as the picture shows them. */
export const troubled = (form: FormRow): FormField[] => form.fields.filter((field) => field.last + field.wrong > 0);

/** The longest bar of a form's picture. */
export const longestBar = (form: FormRow): number =>
  Math.max(1, ...form.fields.map((field) => Math.max(field.last, field.wrong)));

/** One value, on one line. */
export const valueWords = (value: unknown): string =>
  value === true ? "yes" : value === false ? "no" : attributeText(value);

/** “Most gave up on email: 12 of 30 who left.” Null when nobody left. */
export function worstField(form: FormRow): FormField | null {
  const worst = form.fields.reduce<FormField | null>((most, one) => (one.last > (most?.last ?? 0) ? one : most), null);
  return form.abandoned > 0 ? worst : null;
}
