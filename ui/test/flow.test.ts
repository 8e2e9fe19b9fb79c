import { expect, test } from "vitest";
import { layFlow } from "../src/model/flow";
import {
  askPaths,
  countAt,
  countBefore,
  leaving,
  type Paths,
  readPaths,
  readPlace,
  writePaths,
  writePlace,
} from "../src/model/paths";
import { askScope, readScope, writeScope } from "../src/model/scope";

const paths: Paths = {
  total: 10,
  steps: [
    { nodes: [{ name: "/a", count: 6 }], other: 3, left: 1 },
    { nodes: [{ name: "/b", count: 4 }], other: 0, left: 6 },
  ],
  links: [
    { step: 1, source: "start", target: "/a", count: 6 },
    { step: 1, source: "start", target: "other", count: 3 },
    { step: 2, source: "/a", target: "/b", count: 3 },
    { step: 2, source: "other", target: "/b", count: 1 },
  ],
};
const changed = (changes: Record<string, string | string[] | null>) =>
  new URLSearchParams(Object.entries(changes).flatMap(([key, value]) => [value ?? []].flat().map((one) => [key, one])));

test("every column of the picture is as high as the start", () => {
  const { boxes } = layFlow(paths);
  const heights = [0, 1, 2].map((step) =>
    boxes.filter((box) => box.step === step).reduce((sum, box) => sum + box.height, 0),
  );
  expect(heights[1]).toBeCloseTo(heights[0] ?? 0);
  expect(heights[2]).toBeCloseTo(heights[0] ?? 0);
});

test("bands out of a box and into a box add up to it", () => {
  const { bands } = layFlow(paths);
  const into = bands.filter((band) => band.step === 2 && band.target === "left");
  expect(into.map((band) => [band.source, band.count])).toEqual([
    ["/a", 3],
    ["other", 2],
    ["left", 1],
  ]);
  expect(leaving(paths, 2, "/a")).toBe(3);
  expect(leaving(paths, 1, "start")).toBe(1);
});

test("an answer with nobody in it is a picture too", () => {
  const none: Paths = { total: 0, steps: [{ nodes: [], other: 0, left: 0 }], links: [] };
  expect(layFlow(none).bands).toEqual([]);
});

const told = { total: 20, steps: [{ nodes: [{ name: "/a", count: 5 }], other: 4, left: 11 }], links: [] };
test.each<[string, Paths, number, string, number | null]>([
  ["a name listed then", told, 1, "/a", 5],
  ["a name that may be among the others of then", told, 1, "/new", null],
  ["those who went no further", told, 1, "left", 11],
  ["the rest: all at none of the names shown now", told, 1, "other", 4],
  ["a step that nobody had", told, 2, "/b", 0],
  ["a name that nobody had", { ...told, steps: [{ nodes: [], other: 0, left: 20 }] }, 1, "/a", 0],
  ["a rest that cannot be told", { ...told, steps: [{ nodes: [], other: 9, left: 11 }] }, 1, "other", null],
  [
    "a rest told by more names than are shown now",
    {
      ...told,
      steps: [
        {
          nodes: [
            { name: "/a", count: 5 },
            { name: "/z", count: 4 },
          ],
          other: 0,
          left: 11,
        },
      ],
    },
    1,
    "other",
    4,
  ],
])("before: %s", (_, before, step, name, count) => {
  expect(countBefore(paths, before, step, name)).toBe(count);
});

test.each([
  [{ step: 1, target: "/a", source: null }, 6],
  [{ step: 1, target: "other", source: null }, 3],
  [{ step: 2, target: "left", source: null }, 6],
  [{ step: 2, target: "/b", source: "/a" }, 3],
  [{ step: 2, target: "left", source: "other" }, 2],
  [{ step: 9, target: "/b", source: null }, null],
])("%o counts %s", (place, count) => {
  expect(countAt(paths, place)).toBe(count);
  expect(readPlace(changed(writePlace(place)))).toEqual(place);
});

test("a question survives its address, and goes to the server whole", () => {
  const asked = {
    start: "/a b",
    direction: "previous",
    steps: 7,
    by: "customer",
    of: "all",
    patterns: ["/x/*", "/y"],
  } as const;
  expect(readPaths(changed(writePaths({ ...asked, patterns: [...asked.patterns] })))).toEqual(asked);
  const query = askPaths({ ...asked, patterns: [...asked.patterns] }, new URLSearchParams({ bots: "false" }));
  expect(query.toString()).toBe(
    "bots=false&start=%2Fa+b&direction=previous&steps=7&by=customer&of=all&pattern=%2Fx%2F*&pattern=%2Fy",
  );
});

test("what is usual is not in the address", () => {
  expect(changed(writePaths(readPaths(new URLSearchParams()))).toString()).toBe("");
  expect(changed(writeScope(readScope(new URLSearchParams()), new URLSearchParams())).toString()).toBe("");
});

test.each([
  "range=all",
  "range=7d&source=mobile&bots=true&compare=true",
  "from=5&to=9",
  "",
  "action=order.*&segment=abc&param.size=M&param.size=L&param.a.b=%C4%85",
])("the scope of “%s” survives", (address) => {
  const scope = readScope(new URLSearchParams(address));
  expect(readScope(changed(writeScope(scope, new URLSearchParams())))).toEqual(scope);
});

test("a relative range is asked as moments", () => {
  const scope = readScope(new URLSearchParams("range=1h"));
  expect(askScope(scope, 7_200_000).toString()).toBe("bots=false&from=3600000");
  expect(askScope(readScope(new URLSearchParams("range=all")), 1).toString()).toBe("bots=false");
});
