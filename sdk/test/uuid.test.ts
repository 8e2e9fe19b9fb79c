/** Identifiers: their form, their order, and the derived one. */

import { expect, test } from "vitest";
import { isUuid, startId, uuid7 } from "../src/uuid.js";

test("a version 7 UUID carries its time, version and variant", () => {
  const uuid = uuid7(0x0123456789ab);
  expect(uuid).toMatch(/^01234567-89ab-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test("many of one moment are all different, and use every variant", () => {
  const made = Array.from({ length: 2_000 }, () => uuid7(1_700_000_000_000));
  expect(new Set(made).size).toBe(2_000);
  expect(new Set(made.map((uuid) => uuid[19]))).toEqual(new Set(["8", "9", "a", "b"]));
});

test("later ones sort later", () => {
  expect(uuid7(1_700_000_000_000) < uuid7(1_700_000_000_001)).toBe(true);
});

test("the start of a session has an id of its own, always the same", () => {
  const session = uuid7(1_700_000_000_000);
  expect(isUuid(startId(session))).toBe(true);
  expect(startId(session)).not.toBe(session);
  expect(startId(session)).toBe(startId(session));
});

test.each([
  ["0190aaaa-0000-7000-8000-00000000abcd", true],
  ["0190AAAA-0000-7000-8000-00000000ABCD", true],
  ["0190aaaa00007000800000000000abcd", false],
  ["nonsense", false],
  [undefined, false],
])("%j is a UUID: %j", (value, expected) => {
  expect(isUuid(value)).toBe(expected);
});
