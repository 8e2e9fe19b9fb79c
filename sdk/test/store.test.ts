// @vitest-environment happy-dom
/** What is kept in the browser: cookie domains, fallbacks, counters. */

import { beforeEach, expect, test, vi } from "vitest";
import { candidates } from "../src/cookie.js";
import { recall, remember } from "../src/keep.js";
import { nextSeq } from "../src/sequence.js";
import { names, read, write } from "../src/store.js";

beforeEach(() => localStorage.clear());

test.each([
  ["shop.example.co.uk", ["co.uk", "example.co.uk", "shop.example.co.uk"]],
  ["example.com", ["example.com"]],
  ["localhost", []],
  ["127.0.0.1", []],
  ["[::1]", []],
])("the cookie domains to try for %s: %j", (host, expected) => {
  expect(candidates(host)).toEqual(expected);
});

test("a refusing localStorage answers nothing and throws nothing", () => {
  const blocked = vi.spyOn(globalThis, "localStorage", "get").mockImplementation(() => {
    throw new DOMException("blocked", "SecurityError");
  });
  expect([read("tw:a"), write("tw:a", "1"), names("tw:")]).toEqual([null, false, []]);
  expect(nextSeq("k", "u1")).toBeUndefined();
  blocked.mockRestore();
});

test("a blocked cookie falls back to localStorage, and both blocked to memory", () => {
  const cookies = vi.spyOn(document, "cookie", "get").mockReturnValue("");
  remember("tw_test", "v1", 60);
  expect(read("tw_test")).toBe("v1");
  const blocked = vi.spyOn(globalThis, "localStorage", "get").mockImplementation(() => {
    throw new DOMException("blocked", "SecurityError");
  });
  remember("tw_test", "v2", 60);
  expect(recall("tw_test")).toBe("v2");
  blocked.mockRestore();
  cookies.mockRestore();
});

test("the counter goes up per uuid, survives nonsense, and remembers a limited number", () => {
  expect([nextSeq("k", "u1"), nextSeq("k", "u1"), nextSeq("k", "u2"), nextSeq("k", "u1")]).toEqual([1, 2, 1, 3]);
  for (let n = 0; n < 20; n++) nextSeq("k", `kiosk${n}`);
  expect(Object.keys(JSON.parse(read("tw:n:k") ?? ""))).toHaveLength(8);
  write("tw:n:k", "{nonsense");
  expect(nextSeq("k", "u1")).toBe(1);
});
