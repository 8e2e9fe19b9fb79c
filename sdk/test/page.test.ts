/** Addresses: which are the same page, and what they say of a campaign. */

import { expect, test } from "vitest";
import { campaign, samePage } from "../src/page.js";

const at = (rest: string) => `https://shop.example${rest}`;

test.each([
  ["/a", "/a#section", true],
  ["/a", "/a?utm_source=x&gclid=1", true],
  ["/a?p=1", "/a?p=1&fbclid=z", true],
  ["/a", "/a/", false],
  ["/a", "/b", false],
  ["/a?p=1", "/a?p=2", false],
  ["/a#/cart", "/a#/pay", false],
  ["/a#!cart", "/a", false],
])("%s and %s are one page: %j", (one, other, expected) => {
  expect(samePage(at(one), at(other))).toBe(expected);
});

test.each([
  ["/a?x=1#top", "/a?x=2", true],
  ["/a?x=1#/cart", "/a?x=1", false],
  ["/a?x=1", "/b?x=1", false],
])("%s and %s are one page, filtered: %j", (one, other, expected) => {
  expect(samePage(at(one), at(other), true)).toBe(expected);
});

test("a campaign is its utm parameters that have a value, and nothing else", () => {
  const address = at("/?utm_source=n%20l&utm_medium=&utm_id=7&gclid=1&utm_content=b");
  expect(campaign(address)).toEqual({ utm_source: "n l", utm_content: "b" });
});
