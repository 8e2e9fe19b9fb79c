/** A schema in words: types, limits, what is inside, and circles that end. */
import { describe as about, expect, test } from "vitest";
import { describe, lookupIn, type Schema } from "../src/model/schema";

const document = {
  components: {
    schemas: {
      Person: {
        type: "object",
        required: ["name"],
        properties: { name: { type: "string" }, boss: { $ref: "#/components/schemas/Person" } },
      },
      Nest: { type: "array", items: { $ref: "#/components/schemas/Nest" } },
      Map: { type: "object", additionalProperties: { $ref: "#/components/schemas/Map" } },
      Loop: { $ref: "#/components/schemas/Loop" },
      "a/b": { type: "boolean" },
    },
  },
};
const lookup = lookupIn(document);
const to = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

test.each<[string, Schema, string]>([
  ["simple", { type: "integer" }, "integer"],
  ["with a format", { type: "string", format: "uuid" }, "string (uuid)"],
  ["several types", { type: ["integer", "string", "null"] }, "integer or string or null"],
  ["null as a type", { type: ["string", "null"], format: "uuid" }, "string (uuid) or null"],
  ["null as a choice", { oneOf: [{ type: "string" }, { type: "null" }] }, "string or null"],
  ["null in place of an array", { type: ["array", "null"], items: { type: "string" } }, "array of string; or null"],
  ["an array with nulls in it", { type: "array", items: { type: ["string", "null"] } }, "array of string or null"],
  ["a wrapper of one", { anyOf: [{ type: "integer" }] }, "integer"],
  ["simple choices", { oneOf: [{ type: "string" }, { type: "integer" }] }, "string or integer"],
  ["shapes to choose from", { oneOf: [{ type: "object", properties: {} }, { type: "string" }] }, "one of 2 shapes"],
  ["a named shape", to("Person"), "Person"],
  ["an array of it", { type: "array", items: to("Person") }, "array of Person"],
  ["a map", { type: "object", additionalProperties: { type: "integer" } }, "map of integer"],
  ["an open object", { type: "object", additionalProperties: {} }, "object"],
  ["a closed list without a type", { enum: ["a", "b"] }, "string"],
  ["nothing said", {}, "anything"],
  ["a name with a slash", to("a~1b"), "boolean"],
  ["a name that is not there", to("Nobody"), "anything"],
])("type: %s", (_, schema, type) => expect(describe(schema, lookup).type).toBe(type));

test.each<[Schema, string[]]>([
  [{ minLength: 1, maxLength: 32 }, ["1 to 32 characters"]],
  [{ maxLength: 1 }, ["at most 1 character"]],
  [{ minimum: 0 }, ["at least 0"]],
  [{ minimum: 1, maximum: 1000 }, ["1 to 1000"]],
  [{ minimum: -(2 ** 53), maximum: 2 ** 53 }, ["between ±2⁵³"]],
  [{ exclusiveMinimum: 0, exclusiveMaximum: 1, multipleOf: 0.5 }, ["more than 0", "less than 1", "a multiple of 0.5"]],
  [{ minItems: 1, uniqueItems: true }, ["at least 1 item", "each once"]],
  [{ pattern: "^a$" }, ["matches ^a$"]],
  [{ oneOf: [{ type: "string" }, { type: "null" }], maxLength: 32 }, ["at most 32 characters"]],
  [{}, []],
])("limits of %o", (schema, limits) => expect(describe(schema, lookup).limits).toEqual(limits));

about("what is inside", () => {
  const names = (schema: Schema) => describe(schema, lookup).parts.map((part) => part.name);

  test("properties, and which of them must be there", () => {
    const { parts } = describe(to("Person"), lookup);

    expect(parts.map(({ name, required }) => [name, required])).toEqual([
      ["name", true],
      ["boss", false],
    ]);
  });

  test("an array's are those of its items", () => {
    expect(names({ type: "array", items: to("Person") })).toEqual(["name", "boss"]);
  });

  test("shapes to choose from, but not simple types", () => {
    expect(names({ oneOf: [to("Person"), { type: "array", items: to("Person") }] })).toEqual(["Shape 1", "Shape 2"]);
    expect(names({ oneOf: [{ type: "string" }, { type: "integer" }] })).toEqual([]);
  });

  test("keys that are not named, where they hold a shape or stand beside named ones", () => {
    expect(names({ type: "object", additionalProperties: to("Person") })).toEqual(["any other"]);
    expect(names({ properties: { a: {} }, additionalProperties: { type: "string" } })).toEqual(["a", "any other"]);
    expect(names({ type: "object", additionalProperties: { type: "string" } })).toEqual([]);
  });

  test("allOf is one shape", () => {
    const { parts } = describe({ allOf: [to("Person"), { properties: { age: {} }, required: ["age"] }] }, lookup);

    expect(parts.filter((part) => part.required).map((part) => part.name)).toEqual(["name", "age"]);
    expect(parts).toHaveLength(3);
  });
});

test.each(["Nest", "Map", "Loop", "Person"])("the circle %s comes to an end", (name) => {
  expect(describe(to(name), lookup).type.length).toBeGreaterThan(0);
});

test("values, default and description; what stands beside a reference holds", () => {
  const shape = describe({ enum: ["a", 1, null], default: "a", description: "one" }, lookup);

  expect(shape).toMatchObject({ values: ["a", "1", "null"], fallback: '"a"', description: "one" });
  expect(describe({ ...to("Person"), description: "mine" }, lookup).description).toBe("mine");
  expect(describe({ default: 0 }, lookup).fallback).toBe("0");
});
