/** Defaults, and what a site may set. */

import { expect, test } from "vitest";
import { settle } from "../src/config.js";

const ORIGIN = "https://t.example";

test("a key is enough", () => {
  expect(settle({ key: "tk_1" }, ORIGIN)).toEqual({
    features: {},
    given: { key: "tk_1" },
    key: "tk_1",
    url: "https://t.example/e",
    sessionTimeoutMs: 1_800_000,
    cookieSeconds: 34_560_000,
    visits: true,
    spa: true,
    rules: { mode: "enforce", allow: [], deny: [] },
  });
});

test("an endpoint and a path of the site's own win", () => {
  expect(settle({ key: "k", endpoint: "https://x.example", path: "/in" }, ORIGIN).url).toBe("https://x.example/in");
  expect(settle({ key: "k", endpoint: "" }, ORIGIN).url).toBe("https://t.example/e");
});

test("no visits means no virtual ones either; keys from a newer server are ignored", () => {
  const newer = { key: "k", features: { page_visit: false, spa: true, unheard_of: true }, tomorrow: 1 };
  expect(settle(newer, ORIGIN)).toMatchObject({ visits: false, spa: false });
});
