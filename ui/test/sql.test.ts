import { expect, test } from "vitest";
import { cellWords, indent, isFigure, placeOf } from "../src/model/sql";

test.each([
  ["ab", 1, 1, false, "a  b", 3, 3],
  ["a\nb", 0, 3, false, "  a\n  b", 2, 7],
  ["  a\n b\nc", 0, 8, true, "a\nb\nc", 0, 5],
  ["  a", 3, 3, true, "a", 1, 1],
  ["  a", 0, 0, true, "a", 0, 0],
])("Tab in %j at %i-%i (out: %s) gives %j", (text, start, end, out, then, from, to) => {
  expect(indent({ text, start, end }, out)).toEqual({ text: then, start: from, end: to });
});

test("figures are told by their type", () => {
  const figures = ["UInt64", "Nullable(Int8)", "LowCardinality(Nullable(Float32))", "Decimal(9, 2)"];
  expect(figures.every(isFigure)).toBe(true);
  expect(["String", "Array(UInt8)", "DateTime", "IntervalDay", "Bool"].some(isFigure)).toBe(false);
});

test("cells are words", () => {
  expect([null, "a", 1.5, true, [1, "x"], { a: null }].map(cellWords)).toEqual([
    "null",
    "a",
    "1.5",
    "true",
    '[1,"x"]',
    '{"a":null}',
  ]);
});

test("an error's place counts characters, not halves of them", () => {
  expect(placeOf("query[3]", "a😀b c")).toBe(4);
  expect(placeOf("query", "a")).toBeNull();
  expect(placeOf(null, "a")).toBeNull();
});
