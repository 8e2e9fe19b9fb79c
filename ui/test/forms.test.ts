/** What became of forms: which form is shown, and what the picture is made of. */
import { expect, test } from "vitest";
import {
  chosenForm,
  type FormField,
  type FormRow,
  longestBar,
  troubled,
  valueWords,
  worstField,
} from "../src/model/forms";

const field = (name: string, told: Partial<FormField> = {}): FormField => ({
  field: name,
  last: 0,
  touched: 0,
  wrong: 0,
  focus_p50: null,
  filled: 0,
  refills: 0,
  ...told,
});
const form = (name: string, fields: FormField[] = [], abandoned = 3): FormRow => ({
  form: name,
  started: abandoned + 1,
  submitted: 1,
  abandoned,
  completion: 1 / (abandoned + 1),
  customers: 1,
  submitters: 1,
  left_after_p50: null,
  fields,
});

test.each([
  [null, "a"],
  ["b", "b"],
  ["gone", undefined],
])("of address %s the form is %s", (named, expected) => {
  expect(chosenForm([form("a"), form("b")], named)?.form).toBe(expected);
});

test("the picture has the fields in which something went wrong", () => {
  const shown = form("a", [
    field("email", { last: 2, wrong: 5 }),
    field("city", { filled: 9 }),
    field("name", { wrong: 1 }),
  ]);

  expect(troubled(shown).map((one) => one.field)).toEqual(["email", "name"]);
  expect(longestBar(shown)).toBe(5);
  expect(worstField(shown)?.field).toBe("email");
});

test("where nobody left there is no worst field", () => {
  expect(worstField(form("a", [field("email", { filled: 2 })], 0))).toBeNull();
  expect(longestBar(form("a"))).toBe(1);
});

test.each([
  [true, "yes"],
  [false, "no"],
  ["a b", "a b"],
  [7, "7"],
  [["x", 1], '["x",1]'],
])("a value %j is read as %s", (value, words) => {
  expect(valueWords(value)).toBe(words);
});
