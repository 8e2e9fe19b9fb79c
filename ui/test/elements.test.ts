import { expect, test } from "vitest";
import { dwellPlace, dwellWords, type ElementRow, readSort, sorted, unusualWords } from "../src/model/elements";

test.each([
  [850, "850 ms"],
  [3_100, "3.1 s"],
  [7_000, "7 s"],
  [126_000, "2.1 min"],
])("%s ms is %s", (ms, words) => expect(dwellWords(ms)).toBe(words));

test("why a hover is unusual", () => {
  expect(unusualWords({ threshold: 3_100, p: 0.95 })).toBe("longer than usual: 95 % leave within 3.1 s");
});

test("rows come in the order asked for; what is not known comes last", () => {
  const row = (element: string, dwell_p50: number | null, unusual: number): ElementRow => ({
    element,
    dwell_p50,
    unusual,
    dwell_p95: dwell_p50,
    views: 0,
    hovers: 0,
    clicks: 0,
    ctr: null,
    hovered_without_click: 0,
  });
  const rows = [row("a", null, 3), row("b", 900, 1), row("c", 100, 2)];
  const names = (address: string) => sorted(rows, readSort(new URLSearchParams(address))).map((one) => one.element);
  expect(names("sort=dwell")).toEqual(["b", "c", "a"]);
  expect(names("sort=unusual")).toEqual(["a", "c", "b"]);
  expect(names("sort=nonsense")).toEqual(["a", "b", "c"]);
});

test("a dwell bar ends where the longest ends", () => {
  expect(dwellPlace(null, 5_000)).toBe(0);
  expect(dwellPlace(50, 5_000)).toBe(0);
  expect(dwellPlace(5_000, 5_000)).toBe(100);
  expect(dwellPlace(1_000, 10_000)).toBeCloseTo(50);
});
