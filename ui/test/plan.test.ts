import { expect, test } from "vitest";
import { planWords } from "../src/model/plan";

const nothing = { declared: [], changed: [], undeclared: [], unchanged: 3, rules: null, declared_only: null };

test("a plan that changes nothing has no lines", () => {
  expect(planWords(nothing)).toEqual([]);
});

test("each kind of change is a line", () => {
  const words = planWords({
    ...nothing,
    declared: ["a.b", "c.d"],
    undeclared: Array.from({ length: 22 }, (_, at) => `old.n${at}`),
    rules: { mode: "report", allow: [], deny: ["debug.*"] },
    declared_only: false,
  });

  expect(words[0]).toBe("Declares a.b, c.d");
  expect(words[1]).toMatch(/^Undeclares old\.n0, .*old\.n19 and 2 more$/);
  expect(words.slice(2)).toEqual(["Rules: report only; allowed all; denied debug.*", "Takes undeclared actions too"]);
});
