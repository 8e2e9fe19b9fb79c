/** Addresses: which are the same page, and what they say of a campaign. */

import { expect, test } from "vitest";
import { campaign, pageKey, pagePath } from "../src/page.js";

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
  expect(pageKey(at(one)) === pageKey(at(other))).toBe(expected);
});

test("the path leaves out the query and keeps a routing hash", () => {
  expect(pagePath(at("/a?x=1#top"))).toBe("/a");
  expect(pagePath(at("/a?x=1#/cart"))).toBe("/a#/cart");
});

test("a campaign is its utm parameters that have a value, and nothing else", () => {
  const address = at("/?utm_source=n%20l&utm_medium=&utm_id=7&gclid=1&utm_content=b");
  expect(campaign(address)).toEqual({ utm_source: "n l", utm_content: "b" });
});
