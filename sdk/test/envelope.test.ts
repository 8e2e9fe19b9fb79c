/** Request bodies: their form and their limits. */

import { expect, test } from "vitest";
import { byteLength, envelope, fitting } from "../src/envelope.js";

const sealed = (bytes: number) => ({ json: `"${"x".repeat(bytes - 2)}"`, bytes });

test("an envelope is JSON with the events as they were sealed", () => {
  const body = envelope('k"1', [sealed(5), sealed(4)], 7, 0);
  expect(JSON.parse(body)).toEqual({ key: 'k"1', sent: 7, events: ["xxx", "xx"] });
});

test("what was given up is told only when there is something to tell", () => {
  expect(JSON.parse(envelope("k", [], 7, 3))).toEqual({ key: "k", sent: 7, dropped: 3, events: [] });
});

test("bytes are counted as UTF-8", () => {
  expect(byteLength("aé€😀")).toBe(10);
});

test("a batch stays below its bytes, envelope included", () => {
  const events = Array.from({ length: 50 }, () => sealed(1_000));
  const batch = fitting(events, 16_384, 100);
  expect(batch).toHaveLength(16);
  expect(byteLength(envelope("a".repeat(60), batch, Date.now(), 500))).toBeLessThanOrEqual(16_384);
});

test("a batch stays within its count, takes from the front, and is never empty while something waits", () => {
  const events = [sealed(50_000), sealed(10), sealed(11)];
  expect(fitting(events, 16_384, 100)).toEqual([events[0]]);
  expect(fitting(events.slice(1), 16_384, 1)).toEqual([events[1]]);
  expect(fitting([], 16_384, 100)).toEqual([]);
});
