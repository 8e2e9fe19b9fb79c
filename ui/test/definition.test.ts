import { expect, test } from "vitest";
import { bodyOf, draftOf, exampleWords, isAction, schemaOf, shareWords, standing } from "../src/model/definition";
import type { Definition } from "../src/model/shapes";

const plain: Definition = {
  action: "order.placed",
  name: "Order",
  description: "",
  icon: "bag",
  label: "Order of {{total}}",
  needs: "token",
  schema: { required: ["total"] },
  retention_days: null,
  deprecated: false,
  declared: true,
  built_in: false,
  volume: 3,
  first_seen: 1,
  last_seen: 2,
  similar: null,
  params: [],
};

test("a form that was not touched sends what was declared", () => {
  const { name, description, icon, label, needs, schema, retention_days, deprecated } = plain;

  expect(bodyOf(draftOf(plain))).toEqual({
    name,
    description,
    icon,
    label,
    needs,
    schema,
    retention_days,
    deprecated,
  });
});

test("an empty schema and an empty retention say nothing", () => {
  const body = bodyOf({ ...draftOf(plain), schema: " ", retention: "" });

  expect([body.schema, body.retention_days]).toEqual([{}, null]);
  expect(bodyOf({ ...draftOf(plain), retention: "0" }).retention_days).toBe(0);
});

test.each([
  ["{", /not JSON/],
  ["[]", /must be an object/],
  ["7", /must be an object/],
])("a schema that is none says so: %s", (schema, message) => {
  expect(() => bodyOf({ ...draftOf(plain), schema })).toThrow(message);
});

test("a schema is made of what is seen", () => {
  const made = schemaOf([
    { name: "total", types: ["number"], share: 1, example: 5 },
    { name: "code", types: ["integer", "string"], share: 0.5, example: "a" },
  ]);

  expect(JSON.parse(made)).toEqual({
    required: ["total"],
    properties: { total: { type: "number" }, code: { type: ["number", "string"] } },
  });
});

test("words", () => {
  expect(standing(plain)).toBe("Declared");
  expect(standing({ ...plain, declared: false, built_in: true })).toBe("Built in");
  expect(standing({ ...plain, declared: false })).toBe("Discovered");
  expect(standing({ ...plain, deprecated: true })).toBe("Deprecated");
  expect([1, 0.5, 0.001].map(shareWords)).toEqual(["always", "50 %", "under 1 %"]);
  expect(exampleWords({ a: 1 })).toBe('{"a":1}');
  expect(exampleWords("x".repeat(500)).length).toBe(120);
});

test.each([
  ["order.placed", true],
  ["a.b.c", true],
  ["-.-", true],
  ["a..b", true],
  ["order", false],
  [".a", false],
  ["a.", false],
  ["a b.c", false],
  ["ä.b", false],
  [`a.${"b".repeat(31)}`, false],
])("%s could be sent: %s", (text, could) => {
  expect(isAction(text)).toBe(could);
});
