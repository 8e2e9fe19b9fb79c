/** What narrows every question: the period before, and what is shown as chips. */
import { expect, test } from "vitest";
import { askWho, isWho, readWho, writeWho } from "../src/model/behind";
import { changeWords } from "../src/model/format";
import { askBefore, askScope, isScopeKey, readScope, scopeChips, writeScope } from "../src/model/scope";

const scopeOf = (address: string) => readScope(new URLSearchParams(address));
const HOUR = 3_600_000;

test("a question is asked with every condition", () => {
  const scope = scopeOf("range=1h&source=web&action=order.*&segment=5e&param.size=M&param.gift=true");

  expect(askScope(scope, 2 * HOUR).toString()).toBe(
    `bots=false&from=${HOUR}&source=web&action=order.*&segment=5e&param.size=M&param.gift=true`,
  );
});

test.each([
  ["range=1h&compare=true", `bots=false&from=${HOUR}&to=${2 * HOUR}`],
  ["from=3000&to=5000&compare=true&segment=5e", "bots=false&from=1000&to=3000&segment=5e"],
  ["range=1h", null],
  ["range=all&compare=true", null],
  ["to=5&compare=true", null],
  ["from=9&to=5&compare=true", null],
])("the period before “%s” is as long and directly before", (address, asked) => {
  expect(askBefore(scopeOf(address), 3 * HOUR)?.toString() ?? null).toBe(asked);
});

test("each condition is a chip that takes it out, and only it", () => {
  const address = "action=a.b&segment=5e&param.x=1&param.x=2";
  const chips = scopeChips(scopeOf(address));

  expect(chips.map(({ name, value }) => `${name} ${value}`)).toEqual(["segment 5e", "action a.b", "x 1", "x 2"]);
  expect(new Set(chips.map(({ key }) => key)).size).toBe(4);
  expect(chips[2]?.without.params).toEqual([{ name: "x", value: "2" }]);
  expect(writeScope(chips[2]?.without ?? scopeOf(""), new URLSearchParams(address))["param.x"]).toEqual(["2"]);
});

test("a param that is taken out leaves the address", () => {
  const query = new URLSearchParams("param.x=1&start=/");

  expect(writeScope({ ...readScope(query), params: [] }, query)["param.x"]).toBeNull();
  expect([...query.keys()].filter(isScopeKey)).toEqual(["param.x"]);
});

test("the number whose customers are listed survives the address", () => {
  const one = { of: "entries", value: "/a&b=c", bounced: "true" };
  const who = readWho(new URLSearchParams(writeWho(one) as { who: string }));

  expect(isWho(who, one)).toBe(true);
  expect(askWho(new URLSearchParams("bots=false"), who ?? new URLSearchParams()).get("value")).toBe("/a&b=c");
  expect(readWho(new URLSearchParams())).toBeNull();
});

test.each([
  [112, 100, "+12 %"],
  [96.6, 100, "−3.4 %"],
  [5, 0, "new"],
  [5, 5, "as before"],
  [null, 5, "–"],
  [0, 5, "−100 %"],
])("%s after %s is %s", (now, before, words) => {
  expect(changeWords(now, before)).toBe(words);
});
