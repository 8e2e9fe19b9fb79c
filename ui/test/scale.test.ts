/** The chart's height: everything visible, one flood cut. */
import { expect, test } from "vitest";
import { chartTop } from "../src/model/scale";

test.each([
  ["nothing", [], 1],
  ["only zeros", [0, 0], 1],
  ["ordinary bars reach the highest", [3, 9, 6, 7], 9],
  ["few bars are never cut", [1, 2, 5000], 5000],
  ["one flood is cut above the next", [13308, 184, 150, 160, 0, 170], 221],
  ["two floods too", [9000, 8000, 10, 9, 11, 10], 14],
])("%s", (_, values, top) => expect(chartTop(values)).toBe(top));
