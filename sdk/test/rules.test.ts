/** Allow and deny lists, by table: the same as tests/test_rules.py, since browser and server must decide alike. */

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
  ["a.b", [], ["a.*b"], "denied"],
  ["a.bc", [], ["a.*b"], ""],
  ["shop.item.buy", [], ["*item*buy"], "denied"],
  ["Product.buy", [], ["product.*"], ""],
];

test.each(cases)("%s with allow %j and deny %j: %j", (action, allow, deny, expected) => {
  expect(forbids({ mode: "enforce", allow, deny }, action)).toBe(expected);
});
