import { expect, test } from "vitest";
import { hostsIn, readSources, sourceWords, writeSources } from "../src/model/sources";
import { apart, askTrend, lineOf, nameOfSeries, readTrend, topOf, valueWords, writeTrend } from "../src/model/trend";

const changed = (changes: Record<string, string | null>) =>
  new URLSearchParams(Object.entries(changes).filter((pair): pair is [string, string] => pair[1] !== null));

test.each(["action=cart.*&measure=p95&param=price&breakdown=param.size&interval=week", ""])(
  "the trend of “%s” survives its address",
  (address) => {
    expect(changed(writeTrend(readTrend(new URLSearchParams(address)))).toString()).toBe(address);
  },
);

test("a trend is asked in the viewer's zone", () => {
  const asked = readTrend(new URLSearchParams("action=a.b&measure=nonsense"));
  expect(askTrend(asked, new URLSearchParams("from=1"), "Europe/Berlin").toString()).toBe(
    "from=1&action=a.b&measure=events&interval=day&zone=Europe%2FBerlin",
  );
});

test("a line reaches the top at the greatest value, and is broken where nothing is known", () => {
  expect(lineOf([0, 10, null, 5], 10)).toBe("M0 240L333.33 0M1000 120");
  expect(topOf([{ name: "", other: false, total: 3, values: [1, null, 2] }])).toBe(2);
  expect(lineOf([4], 4)).toBe("M0 0");
});

test("what lies only partly in the range is a line of its own, to its neighbour", () => {
  const cut = (partial: number[]) => ({ interval: "day" as const, times: [1, 2, 3, 4], partial, series: [] });
  expect(apart([5, 6, null, 8], cut([]))).toEqual([[5, 6, null, 8]]);
  expect(apart([5, 6, 7, 8], cut([1, 4]))).toEqual([
    [null, 6, 7, null],
    [5, 6, null, null],
    [null, null, 7, 8],
  ]);
});

test("series are named", () => {
  const asked = readTrend(new URLSearchParams("breakdown=os"));
  expect(nameOfSeries({ name: "", other: true, total: 1, values: [] }, asked)).toBe("all others");
  expect(nameOfSeries({ name: "", other: false, total: 1, values: [] }, asked)).toBe("none");
  expect(nameOfSeries({ name: "", other: false, total: 1, values: [] }, { ...asked, breakdown: "" })).toBe(
    "all events",
  );
  const poland = { name: "PL", other: false, total: 1, values: [] };
  expect(nameOfSeries(poland, { ...asked, breakdown: "country" })).toBe("Poland");
  expect(nameOfSeries(poland, asked)).toBe("PL");
  expect([valueWords(null), valueWords(1234.567)]).toEqual(["–", "1,234.57"]);
});

test("the sources' question survives its address", () => {
  for (const address of ["told=landing&which=first", ""]) {
    expect(changed(writeSources(readSources(new URLSearchParams(address)))).toString()).toBe(address);
  }
  expect(sourceWords("", "campaign").text).toBe("none");
});

test("hosts are taken as they are pasted", () => {
  expect(hostsIn(" https://www.PayPal.com/checkout?x, login.example.com:8443; paypal.com ")).toEqual([
    "paypal.com",
    "login.example.com",
  ]);
});
