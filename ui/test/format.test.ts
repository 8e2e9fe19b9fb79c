/** Numbers, durations and moments as people read them. */
import { describe, expect, test } from "vitest";
import { count, duration, plural, share } from "../src/model/format";
import { dayHeading, relative, stamp } from "../src/model/time";
import { NOON } from "./event";

test.each([
  [0, "0"],
  [99_999, "99,999"],
  [123_456, "123K"],
  [1_234_567, "1.23M"],
])("count %i is %s", (n, text) => expect(count(n)).toBe(text));

test.each([
  [0, "0 events"],
  [1, "1 event"],
  [1204, "1,204 events"],
])("plural %i is %s", (n, text) => expect(plural(n, "event")).toBe(text));

test.each([
  [0, 0, "–"],
  [0, 10, "0 %"],
  [1, 100_000, "< 0.1 %"],
  [99_999, 100_000, "> 99.9 %"],
  [1, 3, "33.3 %"],
  [5, 5, "100 %"],
])("share %i of %i is %s", (part, whole, text) => expect(share(part, whole)).toBe(text));

test.each([
  [0, "0 ms"],
  [240, "240 ms"],
  [12_400, "12 s"],
  [60_000, "1 min"],
  [185_000, "3 min 5 s"],
  [7_800_000, "2 h 10 min"],
  [86_400_000, "1 day"],
  [4 * 86_400_000, "4 days"],
])("duration %i is %s", (ms, text) => expect(duration(ms)).toBe(text));

describe("moments", () => {
  const minute = 60_000;
  test.each([
    [NOON, "now"],
    [NOON - 45_000, "40 s ago"],
    [NOON - 5 * minute, "5 min ago"],
    [NOON - 3 * 60 * minute, "3 h ago"],
    [NOON - 20 * 60 * minute, "yesterday 16:00"],
    [NOON - 10 * 24 * 60 * minute, "1 Nov 12:00"],
    [NOON + 24 * 60 * minute, "12 Nov 12:00"],
  ])("%i is %s", (ms, text) => expect(relative(ms, NOON)).toBe(text));

  test("a stamp names the day only when it is another one", () => {
    expect(stamp(NOON - minute, NOON)).toBe("11:59:00");
    expect(stamp(NOON - 24 * 60 * minute, NOON)).toBe("10 Nov 12:00:00");
    expect(stamp(new Date(2024, 1, 3, 9).getTime(), NOON)).toBe("3 Feb 2024 09:00:00");
  });

  test("a day's heading", () => {
    expect(dayHeading(NOON, NOON)).toBe("Today");
    expect(dayHeading(NOON - 24 * 60 * minute, NOON)).toBe("Yesterday");
    expect(dayHeading(new Date(2026, 10, 5).getTime(), NOON)).toBe("Thursday 5 November");
    expect(dayHeading(new Date(2024, 2, 3).getTime(), NOON)).toBe("3 March 2024");
  });
});
