/** What an action may look like, by table. */

import { expect, test } from "vitest";
import { faultOf } from "../src/action.js";

test.each([
  ["page.visit", ""],
  ["a.b", ""],
  ["call-center.contact_2", ""],
  ["a.b.c", ""],
  [`a.${"b".repeat(30)}`, ""],
  [`a.${"b".repeat(31)}`, "action_too_long"],
  ["", "action_missing"],
  [undefined, "action_missing"],
  [null, "action_missing"],
  [42, "action_invalid"],
  ["nodot", "action_invalid"],
  [".leading", "action_invalid"],
  ["trailing.", "action_invalid"],
  ["a..", "action_invalid"],
  ["..a", "action_invalid"],
  ["a..b", ""],
  ["with space.x", "action_invalid"],
  ["ärger.x", "action_invalid"],
  ["a.b\n", "action_invalid"],
])("%j: %j", (action, expected) => {
  expect(faultOf(action)).toBe(expected);
});
