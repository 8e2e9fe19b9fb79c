/** Names of things: routes, customers, kinds of action, places, problems, what a search could mean. */
import { describe, expect, test } from "vitest";
import { isAction, kindOf, placeOf } from "../src/model/action";
import { colourOf, nameOf, PERSON_COLOURS, shortId } from "../src/model/customer";
import { curlExample, randomUuid } from "../src/model/example";
import { findLocally } from "../src/model/finding";
import { explain, Problem } from "../src/model/problem";
import { readRoute, safeNext } from "../src/model/route";
import { event } from "./event";

const UUID4 = "938036bf-0a21-4a18-a0b7-7ffc83ec6a85";
const UUID7 = "01a2074d-8e28-7992-a3f9-67a899e24bae";

test.each([
  ["/", "live", null],
  ["/live", "live", null],
  ["/customers/a%2Fb", "customer", "a/b"],
  ["/events/1", "events", "1"],
  ["/quality/1", "missing", null],
  ["/api/docs", "api", null],
  ["/api/docs/", "api", null],
  ["/api/v1/sites", "missing", null],
  ["/nowhere", "missing", null],
  ["/customers/%zz", "customer", "%zz"],
])("%s leads to %s", (path, screen, id) => expect(readRoute(path)).toEqual({ screen, id }));

test.each([
  ["/events?q=a", "/events?q=a"],
  ["/api/docs#one", "/api/docs#one"],
  ["//evil.example", "/live"],
  ["/\\evil.example", "/live"],
  ["https://evil.example", "/live"],
  ["/login?next=/login", "/live"],
  [null, "/live"],
])("after logging in, %s leads to %s", (next, to) => expect(safeNext(next)).toBe(to));

describe("customers", () => {
  test("short ids tell UUIDs of one moment apart", () => {
    expect(shortId(UUID4)).toBe("938036bf");
    expect(shortId(UUID7)).toBe("99e24bae");
    expect(shortId("C-10400")).toBe("C-10400");
  });

  test("the most telling identity is the name", () => {
    expect(nameOf(UUID4, { customId: "C-1", email: "a@example.com" })).toBe("a@example.com");
    expect(nameOf(UUID4)).toBe("938036bf");
  });

  test("a colour is stable and in the palette", () => {
    expect(colourOf(UUID4)).toBe(colourOf(UUID4));
    for (const id of [UUID4, UUID7, "", "x"]) expect(colourOf(id)).toBeLessThan(PERSON_COLOURS);
  });
});

describe("actions", () => {
  test.each([
    ["page.visit", "visit"],
    ["screen.click", "interaction"],
    ["transaction.charge", "commerce"],
    ["entries.count", "other"],
    ["nodot", "other"],
  ])("%s is of kind %s", (action, kind) => expect(kindOf(action)).toBe(kind));

  test.each([
    ["page.visit", true],
    ["a.b.c", true],
    [".b", false],
    ["a.", false],
    ["page visit.x", false],
    [`a.${"b".repeat(31)}`, false],
  ])("%s may be an action: %s", (text, valid) => expect(isAction(text)).toBe(valid));

  test.each([
    [{ url: "https://shop.example/list?c=1#x" }, "/list?c=1#x"],
    [{ url: "not an address" }, "not an address"],
    [{}, null],
  ])("the place of %o", (params, place) => expect(placeOf(event({ params }))).toBe(place));

  test("a screen's name is a place, a product's is not", () => {
    expect(placeOf(event({ action: "screen.view", params: { name: "Cart" } }))).toBe("Cart");
    expect(placeOf(event({ action: "product.view", params: { name: "Tent" } }))).toBeNull();
  });
});

test.each([
  [new Problem(0, "no_answer", ""), "running"],
  [new Problem(429, "rate_limited", "", 12), "12 seconds"],
  [new Problem(500, "http_500", "It said nothing."), "Try again"],
  [new Problem(400, "bad_cursor", "That cursor is too old."), "That cursor is too old."],
  [new Error("boom"), "boom"],
])("every failure says what to do", (cause, part) => expect(explain(cause).advice).toContain(part));

test("a search finds screens, actions, ids and text", () => {
  const screens = [{ name: "Live", path: "/live" }];
  const kinds = (typed: string) => findLocally(typed, screens, ["page.visit"]).map((find) => find.kind);

  expect(kinds("")).toEqual(["screen"]);
  expect(kinds("li")).toEqual(["screen", "text"]);
  expect(kinds("page")).toEqual(["action", "text"]);
  expect(kinds("my.own")).toEqual(["action", "text"]);
  expect(kinds(UUID7)).toEqual(["event", "text"]);
});

test("the command to copy is valid JSON with the site's key", () => {
  const text = curlExample("http://localhost:8000", "KEY", randomUuid());

  const body = JSON.parse(text.slice(text.indexOf("'{") + 1, -1)) as { key: string; uuid: string };

  expect(body.key).toBe("KEY");
  expect(shortId(body.uuid)).toHaveLength(8);
});
