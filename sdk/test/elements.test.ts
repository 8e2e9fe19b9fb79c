/** What counts as seen, how far a page is scrolled, and what becomes of words that make a name: tables. */

import { expect, test } from "vitest";
import { asName } from "../src/describe.js";
import { depth } from "../src/scroll.js";
import { enough } from "../src/views.js";

type Box = [width: number, height: number];
const SCREEN: Box = [1000, 600];

const rect = ([width, height]: Box) => ({ width, height }) as DOMRectReadOnly;
const entry = (whole: Box, part: Box, screen: Box | null = SCREEN) =>
  ({
    boundingClientRect: rect(whole),
    intersectionRect: rect(part),
    rootBounds: screen && rect(screen),
  }) as IntersectionObserverEntry;

test.each<[why: string, whole: Box, part: Box, seen: boolean]>([
  ["half of a small one", [200, 100], [200, 50], true],
  ["less than half", [200, 100], [200, 49], false],
  ["half by its width", [200, 100], [100, 100], true],
  ["three tenths of a large one", [500, 485], [500, 146], true],
  ["not quite large", [499, 485], [499, 200], false],
  ["less than three tenths of a large one", [500, 485], [500, 145], false],
  ["a long narrow one that fills the screen's height", [300, 5000], [300, 600], true],
  ["a long narrow one, its first lines", [300, 5000], [300, 299], false],
  ["a long wide one, three tenths of the screen", [1000, 5000], [1000, 180], true],
  ["a strip wider than the screen", [9000, 50], [1000, 50], true],
  ["nothing of it", [200, 100], [0, 0], false],
  ["no size", [0, 0], [0, 0], false],
])("%s", (_, whole, part, seen) => {
  expect(enough(entry(whole, part))).toBe(seen);
});

test("in a frame of another site the screen is not known, and only the element counts", () => {
  expect(enough(entry([200, 100], [200, 50], null))).toBe(true);
  expect(enough(entry([300, 5000], [300, 600], null))).toBe(false);
});

test.each([
  [0, 600, 2400, 25],
  [0, 599, 2400, 25],
  [0, 500, 2400, 0],
  [600, 600, 2400, 50],
  [1799.5, 600, 2400, 100],
  [1700, 600, 2400, 75],
  [0, 600, 600, 100],
  [300, 600, 600, 100],
])("scrolled by %s, %s of %s on screen: %s %%", (scrollTop, clientHeight, scrollHeight, percent) => {
  expect(depth({ scrollTop, clientHeight, scrollHeight } as Element)).toBe(percent);
});

test.each([
  ["  Add\n\t to cart ", "Add to cart"],
  ["Write to ann@example.com now", "Write to * now"],
  ["Order 1234", "Order 1234"],
  ["Order 12345", "Order *"],
  [`${"x".repeat(100)}`, "x".repeat(80)],
  ["", ""],
  [null, ""],
  [undefined, ""],
])("%s is named %s", (words, name) => {
  expect(asName(words)).toBe(name);
});
