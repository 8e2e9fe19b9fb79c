/** Filters to and from the address, and into questions: a view must be a link. */
import { describe, expect, test } from "vitest";
import {
  askFilters,
  chipsOf,
  type Filters,
  noFilters,
  PARAM_FILTERS_MAX,
  readFilters,
  writeFilters,
} from "../src/model/filters";
import { rangeWords } from "../src/model/range";

const full: Filters = {
  action: "product.view",
  customer: "c-1",
  uuid: "u-1",
  segment: "5e",
  session: "s-1",
  page: "screen:Home & Garden",
  channel: "search",
  country: "PL",
  source: "mobile",
  q: "two words & more",
  range: { preset: "24h" },
  params: [
    { name: "sku", value: "RDG2" },
    { name: "a.b", value: "ą=1" },
  ],
};

describe("address", () => {
  test.each([
    ["nothing", noFilters],
    ["everything", full],
    ["two moments", { ...noFilters, range: { from: 1000, to: 2000 } }],
    ["an open end", { ...noFilters, range: { from: 1000, to: null } }],
    [
      "one param twice",
      {
        ...noFilters,
        params: [
          { name: "x", value: "1" },
          { name: "x", value: "2" },
        ],
      },
    ],
  ])("written and read again: %s", (_, filters) => {
    const address = writeFilters(filters as Filters).toString();

    expect(readFilters(new URLSearchParams(address))).toEqual(filters);
  });

  test("what cannot be read is left out, not guessed", () => {
    const filters = readFilters(
      new URLSearchParams("range=soon&from=yesterday&to=-5&action=%20&param.=x&param.a=&site=s"),
    );

    expect(filters).toEqual(noFilters);
  });

  test("param conditions have a limit", () => {
    const query = new URLSearchParams(Array.from({ length: 20 }, (_, at) => [`param.p${at}`, "1"]));

    expect(readFilters(query).params).toHaveLength(PARAM_FILTERS_MAX);
  });
});

describe("question", () => {
  test("a relative range becomes a moment", () => {
    const query = askFilters({ ...noFilters, action: "page.visit", range: { preset: "1h" } }, 10_000_000);

    expect(query.toString()).toBe("action=page.visit&from=6400000");
  });

  test("a fixed range is asked for as it is", () => {
    expect(askFilters({ ...noFilters, range: { from: 1, to: 2 } }, 99).toString()).toBe("from=1&to=2");
  });
});

describe("chips", () => {
  test("one for each condition, each taking only itself out", () => {
    const chips = chipsOf(full);

    const names = "time action customer segment session page channel country source uuid text sku a.b";
    expect(chips.map((chip) => chip.name)).toEqual(names.split(" "));
    for (const chip of chips) expect(chipsOf(chip.without)).toHaveLength(chips.length - 1);
  });

  test("a range in words", () => {
    expect(rangeWords(null)).toBe("all time");
    expect(rangeWords({ preset: "7d" })).toBe("last 7 days");
  });
});
