/** Defaults, and what a site may set. */

import { expect, test } from "vitest";
import { settle } from "../src/config.js";
import { whole } from "../src/defaults.js";

const ORIGIN = "https://t.example";

test("a key is enough", () => {
  expect(settle(whole({ key: "tk_1" }), ORIGIN)).toEqual({
    key: "tk_1",
    endpoint: "",
    path: "/e",
    session_timeout_ms: 1_800_000,
    cookie_days: 400,
    features: { page_visit: true, spa: true },
    rules: { mode: "enforce", allow: [], deny: [] },
    _url: "https://t.example/e",
    _cookieSeconds: 34_560_000,
  });
});

test("an endpoint and a path of the site's own win", () => {
  const url = (own: object) => settle(whole({ key: "k", ...own }), ORIGIN)._url;
  expect(url({ endpoint: "https://x.example", path: "/in" })).toBe("https://x.example/in");
  expect(url({ endpoint: "" })).toBe("https://t.example/e");
});

test("what is switched off stays off; keys from a newer server are kept and ignored", () => {
  const newer = { key: "k", features: { page_visit: false, unheard_of: true }, tomorrow: 1 };
  expect(whole(newer)).toMatchObject({ features: { page_visit: false, spa: true, unheard_of: true }, tomorrow: 1 });
});

test.each([
  ["enforce", ["a.b"]],
  [undefined, ["a.b"]],
  ["report", []],
  ["off", []],
])("with rules in mode %s the denied actions are %j", (mode, deny) => {
  expect(whole({ key: "k", rules: { deny: ["a.b"], ...(mode && { mode }) } }).rules.deny).toEqual(deny);
});
