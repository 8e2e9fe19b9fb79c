/** The panels beside the stream: what a name is called, and what it narrows the stream to. */
import { describe, expect, test } from "vitest";
import { noFilters } from "../src/model/filters";
import { panels, rateWords, readMinutes, rowWords, toggle } from "../src/model/now";

const country = (code: string) => ({ PL: "Poland" })[code] ?? code;

test.each([
  ["pages", "screen:Home", "Home"],
  ["pages", "/cart", "/cart"],
  ["actions", "screen:odd", "screen:odd"],
  ["countries", "PL", "Poland"],
  ["sources", "mobile", "Apps"],
  ["sources", "kiosk", "kiosk"],
  ["channels", "search", "search"],
] as const)("a name of %s: %s is read as %s", (panel, name, words) => {
  expect(rowWords(panel, name, country)).toBe(words);
});

describe("a name is a filter", () => {
  test.each(panels.map((panel) => [panel.key, panel] as const))("of %s, put in and taken out again", (_, panel) => {
    const first = toggle({ ...noFilters, q: "shoe" }, panel, "x");
    const second = toggle(first.next, panel, "x");

    expect(first).toEqual({ on: false, next: { ...noFilters, q: "shoe", [panel.filter]: "x" } });
    expect(second).toEqual({ on: true, next: { ...noFilters, q: "shoe" } });
  });

  test("another name takes its place", () => {
    const [pages] = panels;
    if (!pages) throw new Error("there are no panels");

    expect(toggle({ ...noFilters, page: "/a" }, pages, "/b").next.page).toBe("/b");
  });
});

test.each([
  [0, "0"],
  [0.016666, "0.017"],
  [2.44, "2.4"],
  [1234.5, "1,235"],
])("%d events per second are read as %s", (rate, words) => {
  expect(rateWords(rate)).toBe(words);
});

test.each([
  ["", 5],
  ["minutes=30", 30],
  ["minutes=7", 5],
])("of %s the range is %d minutes", (query, minutes) => {
  expect(readMinutes(new URLSearchParams(query))).toBe(minutes);
});
