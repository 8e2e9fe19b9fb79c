/** Allow and deny lists, by table. */

import { expect, test } from "vitest";
import { forbids } from "../src/rules.js";

const cases: [action: string, allow: string[], deny: string[], expected: string][] = [
  ["product.buy", [], [], ""],
  ["product.buy", ["product.*"], [], ""],
  ["product.buy", ["page.*"], [], "not_allowed"],
  ["product.buy", ["product.*"], ["product.buy"], "denied"],
  ["product.buy", ["product.buy"], ["*"], "denied"],
  ["product.buyer", [], ["product.buy"], ""],
  ["productXbuy", [], ["product.buy"], ""],
  ["my-shop.buy_1", ["my-shop.*_1"], [], ""],
  ["a.b.c", ["a.*"], [], ""],
  ["a.b", [], ["*.b"], "denied"],
];

test.each(cases)("%s with allow %j and deny %j: %j", (action, allow, deny, expected) => {
  expect(forbids({ mode: "enforce", allow, deny }, action)).toBe(expected);
});

test("report mode holds nothing back", () => {
  expect(forbids({ mode: "report", allow: ["x.y"], deny: ["*"] }, "a.b")).toBe("");
});
