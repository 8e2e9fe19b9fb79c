/** What a tile asks, what of an address is saved, and which tile is which. */
import { describe, expect, it } from "vitest";
import { savedQuery, tileKeys, tileQuery, titleOf } from "../src/model/dashboard";
import { questions } from "../src/model/questions";

const query = (text: string) => new URLSearchParams(text);

describe("a tile asks", () => {
  it.each([
    ["its own range where the dashboard has none", "range=7d&action=a.b", "site=s", "range=7d&action=a.b"],
    ["over the dashboard's range", "range=7d&action=a.b", "site=s&range=24h", "range=24h&action=a.b"],
    ["over fixed moments in place of a relative range", "range=7d&step=/", "from=1&to=2", "step=%2F&from=1&to=2"],
    ["over an open end, without its own other end", "from=1&to=2", "from=5", "from=5"],
  ])("%s", (_, own, page, asked) => {
    expect(tileQuery(own, query(page)).toString()).toBe(asked);
  });
});

describe("of an address is saved", () => {
  it.each([
    ["trends", "site=s&measure=sum&param=price&param.size=M&who=at%3D1", "measure=sum&param=price&param.size=M"],
    ["funnels", "site=s&step=%2Fa&step=%2Fb&at=2&dropped=true", "step=%2Fa&step=%2Fb"],
    ["paths", "site=s&start=%2Fcart&steps=3&step=2&target=left&came_from=%2F", "start=%2Fcart&steps=3"],
    ["forms", "form=newsletter&panel=submissions", "form=newsletter"],
  ])("what is asked of %s, and not the panel that is open", (key, address, saved) => {
    expect(savedQuery(key, query(address))).toBe(saved);
  });
});

it.each([
  ["trends", "", "How does it go?"],
  ["trends", "action=order.paid", "Trends: order.paid"],
  ["funnels", "step=/cart&step=order.paid&action=x.y", "Funnels: /cart → order.paid"],
  ["paths", `start=/${"a".repeat(200)}`, `Paths: /${"a".repeat(92)}`],
])("a title to begin with names what is asked of %s", (key, address, title) => {
  const question = questions.find((one) => one.key === key);
  expect(question && titleOf(question, query(address))).toBe(title);
});

it("tiles that ask the same are told apart, and keep their keys whatever they are called", () => {
  const tile = (title: string, asked: string) => ({ title, question: "trends", query: asked });
  const keys = tileKeys([tile("A", "x=1"), tile("B", "x=1"), tile("C", "x=2")]);
  expect(new Set(keys).size).toBe(3);
  expect(tileKeys([tile("C", "x=2"), tile("A again", "x=1"), tile("B", "x=1")])).toEqual([keys[2], keys[0], keys[1]]);
});
