import { expect, test } from "vitest";
import { propertyWords } from "../src/model/properties";
import {
  askSessions,
  DAYS_MAX,
  everyDay,
  isWithin,
  lengthWords,
  meanWords,
  readBreakdown,
  type SessionCounts,
} from "../src/model/sessions";

const counts = (value: number, sessions: number): SessionCounts => ({
  value,
  sessions,
  customers: sessions,
  bounces: 0,
  bounce_rate: 0,
  pages_mean: 1,
  length_mean: 0,
  length_p50: 0,
  length_p90: 0,
});
const day = (n: number) => new Date(2026, 2, n).getTime();

test("sessions are asked in the viewer's zone, told apart where the address says so", () => {
  expect(askSessions("", new URLSearchParams("from=1"), "UTC").toString()).toBe("from=1&zone=UTC");
  expect(
    askSessions(readBreakdown(new URLSearchParams("breakdown= os ")), new URLSearchParams(), "UTC").toString(),
  ).toBe("breakdown=os&zone=UTC");
});

test("days without sessions are days too, over a change of the clocks", () => {
  const days = everyDay([counts(day(27), 3), counts(day(31), 2)]);
  expect(days.map((one) => one.counts?.sessions ?? 0)).toEqual([3, 0, 0, 0, 2]);
  expect(everyDay([])).toEqual([]);
});

test.each([
  ["", true],
  [`from=${day(2)}`, true],
  [`from=${day(2) + 1}`, false],
  [`to=${day(3)}`, true],
  [`to=${day(3) - 1}`, false],
])("a day in the range “%s” is whole: %s", (query, whole) => {
  expect(isWithin(day(2), new URLSearchParams(query), day(3))).toBe(whole);
});

test("the day that is not over is in part", () => {
  expect(isWithin(day(2), new URLSearchParams(), day(3) - 1)).toBe(false);
});

test("the newest days are drawn when there are too many", () => {
  const days = everyDay([counts(new Date(2020, 0, 1).getTime(), 1), counts(day(1), 2)]);
  expect(days).toHaveLength(DAYS_MAX);
  expect(days.at(-1)?.counts?.sessions).toBe(2);
});

test("what is not known is a dash", () => {
  expect([meanWords(null), meanWords(2.345), lengthWords(null), lengthWords(90_000)]).toEqual([
    "–",
    "2.3",
    "–",
    "1 min 30 s",
  ]);
  expect([propertyWords(null), propertyWords(""), propertyWords("Firefox")]).toEqual(["all others", "none", "Firefox"]);
});
