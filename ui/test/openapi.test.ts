/** An OpenAPI description as groups of operations, and a request to one of them. */
import { describe, expect, test } from "vitest";
import { type Description, fitting, type Operation, readGroups } from "../src/model/openapi";
import { addressOf, curlLine, headersOf, missing, quote, sampleOf } from "../src/model/request";
import { lookupIn, type Schema } from "../src/model/schema";

const text = { type: "string" };
const description: Description = {
  openapi: "3.1.0",
  info: { title: "T", version: "1" },
  security: [{ key: [] }, { login: [] }],
  tags: [{ name: "late" }, { name: "sites", description: "Places." }],
  components: {
    securitySchemes: {
      key: { type: "http", scheme: "bearer", description: "An API key" },
      login: { type: "apiKey", in: "cookie", name: "c" },
    },
  },
  paths: {
    "/sites/{site}/live": {
      parameters: [{ name: "site", in: "path", required: true, schema: text }],
      get: {
        operationId: "live",
        tags: ["sites"],
        summary: "Each event",
        parameters: [
          { name: "q", in: "query", schema: text },
          { name: "last-event-id", in: "header", schema: text },
        ],
        responses: { 200: { description: "", content: { "text/event-stream": { schema: {} } } } },
      },
    },
    "/sites": {
      post: {
        operationId: "add",
        tags: ["sites"],
        security: [{ key: ["admin"] }],
        requestBody: {
          required: true,
          content: { "application/json": { schema: { required: ["name"], properties: { name: text, note: text } } } },
        },
        responses: { 204: { description: "Done." } },
      },
      delete: { tags: ["sites"], security: [] },
    },
    "/e": {
      post: {
        operationId: "collect",
        security: [],
        requestBody: { content: { "*/*": { example: { key: "it's" } } } },
      },
    },
  },
};

const groups = readGroups(description);
const lookup = lookupIn(description);
const [live, add, remove, collect] = groups.flatMap((group) => group.operations) as [
  Operation,
  Operation,
  Operation,
  Operation,
];

test("operations stand under their tag, in the description's order, and empty tags are left out", () => {
  expect(groups.map((group) => [group.tag, group.operations.length])).toEqual([
    ["sites", 3],
    ["other", 1],
  ]);
  expect(groups[0]?.description).toBe("Places.");
});

test("what a description leaves out has a value all the same", () => {
  expect(remove).toMatchObject({ id: "delete-sites", summary: "/sites", parameters: [], body: null, answers: [] });
});

test("parameters of the path hold for its operations", () => {
  expect(live.parameters.map((one) => one.name)).toEqual(["site", "q", "last-event-id"]);
});

test("who may", () => {
  expect(live.access).toEqual(["with an API key, as bearer token", "with the login of this page (cookie c)"]);
  expect(add.access).toEqual(["with an API key, as bearer token, scope admin"]);
  expect(collect.access).toEqual([]);
  expect([live, add, collect].map((one) => one.takesKey)).toEqual([true, true, false]);
});

test.each([
  ["", 4],
  ["LIVE", 1],
  ["post", 2],
  ["post sites", 1],
  ["other", 1],
  ["nothing like it", 0],
])("“%s” leaves %i operations", (typed, left) => {
  expect(fitting(groups, typed).flatMap((group) => group.operations)).toHaveLength(left);
});

describe("a request", () => {
  const values = { "path:site": "a/b", "query:q": "x&y", "header:last-event-id": "7" };

  test("address and headers from what was filled in", () => {
    expect(addressOf(live, values)).toBe("/sites/a%2Fb/live?q=x%26y");
    expect(headersOf(live, values)).toEqual({ "last-event-id": "7" });
    expect(missing(live, values)).toEqual([]);
  });

  test("what is missing is named", () => {
    expect(addressOf(live, {})).toBe("/sites/SITE/live");
    expect(missing(live, {}).map((one) => one.name)).toEqual(["site"]);
  });

  test.each<[string, () => string, string[]]>([
    [
      "a stream",
      () => curlLine(live, "http://h", values, lookup),
      [
        "curl -N 'http://h/sites/a%2Fb/live?q=x%26y'",
        `-H "Authorization: Bearer $TRACKWAY_KEY"`,
        "-H 'last-event-id: 7'",
      ],
    ],
    [
      "a body of what is required",
      () => curlLine(add, "http://h", {}, lookup),
      [
        "curl 'http://h/sites'",
        `-H "Authorization: Bearer $TRACKWAY_KEY"`,
        "-H 'Content-Type: application/json'",
        `-d '{\n  "name": "text"\n}'`,
      ],
    ],
    [
      "another method, open to everybody",
      () => curlLine(remove, "http://h", {}, lookup),
      ["curl -X DELETE 'http://h/sites'"],
    ],
    [
      "the description's own example, quoted",
      () => curlLine(collect, "http://h", {}, lookup),
      ["curl 'http://h/e'", "-H 'Content-Type: application/json'", `-d '{\n  "key": "it'\\''s"\n}'`],
    ],
  ])("in a terminal: %s", (_, line, parts) => expect(line()).toBe(parts.join(" \\\n  ")));

  test("a quote cannot be left", () => expect(quote("'; rm x '")).toBe("''\\''; rm x '\\'''"));
});

test.each<[Schema, unknown]>([
  [{ type: "integer", minimum: 3 }, 3],
  [{ type: ["null", "string"] }, "text"],
  [{ type: "boolean" }, false],
  [{ enum: ["a", "b"] }, "a"],
  [{ type: "string", default: "x" }, "x"],
  [{ type: "array", items: { type: "string" } }, ["text"]],
  [{ type: "array" }, []],
  [{ type: "object", additionalProperties: {} }, {}],
  [{ properties: { a: text, b: text }, required: ["b"] }, { b: "text" }],
  [{ properties: { a: text } }, { a: "text" }],
  [{ oneOf: [{ properties: { a: text } }, { type: "array" }] }, { a: "text" }],
  [{ type: "object", examples: [{ x: 1 }] }, { x: 1 }],
])("a sample of %o", (schema, sample) => expect(sampleOf(schema, lookup)).toEqual(sample));

test("a sample of a circle comes to an end", () => {
  const circle = { properties: { next: { $ref: "#/c" } }, required: ["next"] };

  expect(JSON.stringify(sampleOf(circle, lookupIn({ c: circle }))).length).toBeLessThan(200);
});
