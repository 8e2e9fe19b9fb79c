import { expect, test } from "vitest";
import {
  askRetention,
  cohortWords,
  columnsOf,
  columnWords,
  fillOf,
  periodStart,
  periodsWith,
  readRetention,
  sizeOf,
  together,
  topShare,
  writeRetention,
} from "../src/model/cohorts";

const addressOf = (changes: Record<string, string | null>) =>
  new URLSearchParams(Object.entries(changes).filter((pair): pair is [string, string] => pair[1] !== null)).toString();

test.each(["start=order.paid&back=%2F*&period=month&periods=12", ""])(
  "the retention of “%s” survives its address",
  (address) => {
    expect(addressOf(writeRetention(readRetention(new URLSearchParams(address))))).toBe(address);
  },
);

test("what cannot be asked is as usual", () => {
  expect(readRetention(new URLSearchParams("period=year&periods=61"))).toEqual({
    start: "",
    back: "",
    period: "week",
    periods: 8,
  });
  expect(periodsWith(5)).toEqual([4, 5, 8, 12, 26, 52]);
});

test("retention is asked in the viewer's zone", () => {
  const asked = readRetention(new URLSearchParams("start=a.b"));
  expect(askRetention(asked, new URLSearchParams("from=1"), "Europe/Berlin").toString()).toBe(
    "from=1&start=a.b&back=&period=week&periods=8&zone=Europe%2FBerlin",
  );
});

test("cohorts too young for a period are not counted in it", () => {
  const cohorts = [
    { start: 0, size: 10, returned: [8, 5, 1] },
    { start: 1, size: 30, returned: [6, 3] },
  ];
  expect(columnsOf(cohorts)).toBe(3);
  expect(together(cohorts, 1)).toEqual({ returned: 8, size: 40 });
  expect(together(cohorts, 2)).toEqual({ returned: 1, size: 10 });
  expect(columnsOf([])).toBe(0);
  expect(sizeOf(cohorts)).toBe(40);
});

test("a cell is filled by its share of the greatest one behind the first period", () => {
  expect(
    topShare([
      { start: 0, size: 10, returned: [10, 4] },
      { start: 1, size: 4, returned: [4, 2] },
    ]),
  ).toBe(0.5);
  expect([topShare([]), topShare([{ start: 0, size: 1, returned: [1, 0] }])]).toEqual([1, 1]);
  expect([fillOf(0, 4, 1), fillOf(1, 4, 0.5), fillOf(4, 4, 0.5), fillOf(0, 0, 1)]).toEqual([0, 22.5, 45, 0]);
});

test("periods follow each other by the calendar", () => {
  const day = new Date(2026, 0, 5).getTime();
  expect(periodStart(day, "week", 2)).toBe(new Date(2026, 0, 19).getTime());
  expect(periodStart(day, "day", 90)).toBe(new Date(2026, 3, 5).getTime());
  expect(periodStart(new Date(2026, 10, 1).getTime(), "month", 3)).toBe(new Date(2027, 1, 1).getTime());
  expect([columnWords(0, "day"), columnWords(2, "day")]).toEqual(["same day", "+2"]);
  expect([cohortWords(day, "week"), cohortWords(day, "month")]).toEqual(["5 Jan", "Jan 2026"]);
});
