/** The server's answer and what follows from it, by table. */

import { expect, test } from "vitest";
import { backoffMs, CAP_MS, isFinal, rejections, retryAfterMs } from "../src/answer.js";
import { parse } from "../src/guard.js";

test.each([
  [200, false],
  [0, false],
  [304, false],
  [400, true],
  [401, false],
  [403, false],
  [404, true],
  [408, false],
  [410, true],
  [413, true],
  [422, true],
  [425, false],
  [429, false],
  [500, false],
  [503, false],
])("status %i is final: %j", (status, expected) => {
  expect(isFinal(status)).toBe(expected);
});

test("the back-off doubles from a second to its cap, and is spread over all of it", () => {
  expect([0, 1, 2, 3].map((attempt) => backoffMs(attempt, 1))).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(backoffMs(40, 1)).toBe(CAP_MS);
  expect(backoffMs(5_000, 1)).toBe(CAP_MS);
  expect(backoffMs(3, 0)).toBe(0);
});

const NOW = Date.parse("2026-01-01T00:00:00Z");

test.each([
  [null, 0],
  ["", 0],
  ["7", 7_000],
  [" 7 ", 7_000],
  ["0", 0],
  ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
  ["Thu, 01 Jan 2025 00:00:00 GMT", 0],
  ["soon", 0],
  ["999999", 3_600_000],
])("Retry-After %j is %i ms", (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected);
});

test.each([
  ['{"accepted":2,"rejected":[],"now":1}', []],
  ['{"accepted":0,"rejected":[{"index":0,"code":"denied"}]}', [{ index: 0, code: "denied" }]],
  ['{"accepted":1}', []],
  ["", undefined],
  ["<html>", undefined],
  ['{"ok":true}', undefined],
  ["null", undefined],
])("the body %j says %j", (text, expected) => {
  expect(rejections(parse(text))).toEqual(expected);
});
