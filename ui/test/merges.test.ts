import { expect, test } from "vitest";
import { attributeText, mergeWords } from "../src/model/customer";

test.each([
  [{ why: "identify", who: "" }, "both identified as the same customer"],
  [{ why: "manual", who: "ann" }, "by hand, by ann"],
  [{ why: "something new", who: "" }, "something new"],
])("why two customers are one: %o", (merge, words) => {
  expect(mergeWords(merge)).toBe(words);
});

test.each([
  ["gold", "gold"],
  [false, "false"],
  [["vip", 5], '["vip",5]'],
])("an attribute's value %o", (value, text) => {
  expect(attributeText(value)).toBe(text);
});
