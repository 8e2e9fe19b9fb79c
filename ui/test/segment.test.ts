/** Segments as sentences, and what is typed into one. */
import { expect, test } from "vitest";
import {
  beginningOf,
  begun,
  type Condition,
  isWhole,
  paramsText,
  readParams,
  segmentWords,
} from "../src/model/segment";

const day = (ms: number) => `day ${ms}`;

test.each<[Condition[], "all" | "any", string]>([
  [[{ kind: "did", action: "/cart", days: 30 }], "all", "Customers who did /cart in the last 30 days."],
  [
    [
      { kind: "did", not: true, action: "order.*", params: { size: "M" }, times: 2, since: 5 },
      { kind: "identified", not: true },
    ],
    "all",
    "Customers who did not order.* with size=M at least 2 times since day 5, and who never said who they are.",
  ],
  [
    [
      { kind: "attribute", name: "plan", how: "contains", value: "pro" },
      { kind: "came", by: "campaign", value: "may" },
      { kind: "used", value: "phone" },
      { kind: "listed", customers: ["a", "b"] },
    ],
    "any",
    "Customers who have the attribute plan containing pro, or who first came by the campaign may, or who used the device phone, or who are on a list of 2 customers.",
  ],
])("%j is read as a sentence", (conditions, match, words) => {
  expect(segmentWords({ match, conditions }, day)).toBe(words);
});

test("turning a condition round keeps what it says; another kind begins anew", () => {
  const did = { kind: "did", not: false, action: "a.b", times: 3, days: 7 } as const;

  expect(begun("not did", did)).toEqual({ ...did, not: true });
  expect(begun("used", did)).toEqual({ kind: "used", not: false, by: "device", value: "" });
  expect(beginningOf(begun("not used"))).toBe("not used");
});

test("a condition that is not filled in is not whole", () => {
  expect((["did", "attribute", "came", "used"] as const).map((kind) => isWhole(begun(kind)))).toEqual(
    Array(4).fill(false),
  );
  expect(isWhole(begun("identified"))).toBe(true);
});

test("params are typed one to a word", () => {
  expect(readParams(" size=M  gift=a=b none =x ")).toEqual({ size: "M", gift: "a=b" });
  expect(readParams(paramsText({ a: "1", b: "2" }))).toEqual({ a: "1", b: "2" });
});
