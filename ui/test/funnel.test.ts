import { expect, test } from "vitest";
import {
  askFunnel,
  askFunnelCustomers,
  countIn,
  moved,
  namedSteps,
  readFunnel,
  readFunnelPlace,
  stepWords,
  windowsWith,
  writeFunnel,
  writeFunnelPlace,
} from "../src/model/funnel";

function addressOf(changes: Record<string, string | string[] | null>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(changes)) {
    for (const one of value === null ? [] : [value].flat()) query.append(key, one);
  }
  return query.toString();
}

test.each([
  "step=%2Fproduct%2F*&step=%2Fcart&step=order.paid&window=3600&by=session&breakdown=param.size",
  "step=%2Fcart&step=&step=order.paid",
  "step=&step=&step=",
  "",
])("the funnel of “%s” survives its address", (address) => {
  expect(addressOf(writeFunnel(readFunnel(new URLSearchParams(address))))).toBe(address);
});

test.each(["window=0", "window=1.5", "window=99999999999", "window=soon"])("“%s” is no window: a day is", (address) => {
  expect(readFunnel(new URLSearchParams(address)).window).toBe(86_400);
});

test("there are two rows at least and ten at most", () => {
  expect(readFunnel(new URLSearchParams("step= /a ")).steps).toEqual(["/a", ""]);
  expect(readFunnel(new URLSearchParams(Array(12).fill(["step", "/a"]))).steps).toHaveLength(10);
});

test("a window the page does not offer can be asked for", () => {
  expect(windowsWith(86_400)).not.toContain(90);
  expect(windowsWith(90)[0]).toBe(90);
});

test("empty rows are not asked about, and customers are not told apart", () => {
  const asked = readFunnel(new URLSearchParams("step=/a&step=&step=b.c&breakdown=os"));
  expect(namedSteps(asked)).toEqual(["/a", "b.c"]);
  const query = askFunnel(asked, new URLSearchParams("from=1"));
  expect(query.toString()).toBe("from=1&step=%2Fa&step=b.c&window_s=86400&by=customer&breakdown=os");
  expect(askFunnelCustomers({ at: 2, dropped: true }, query).toString()).toBe(
    "from=1&step=%2Fa&step=b.c&window_s=86400&by=customer&at=2&dropped=true",
  );
  expect(query.has("breakdown")).toBe(true);
});

test.each(["at=2&dropped=true", "at=1"])("the place “%s” survives its address", (address) => {
  expect(addressOf(writeFunnelPlace(readFunnelPlace(new URLSearchParams(address))))).toBe(address);
});

test.each(["", "at=0", "at=x", "at=11"])("“%s” names no place", (address) => {
  expect(readFunnelPlace(new URLSearchParams(address))).toBeNull();
});

test("a place has the number of its picture", () => {
  const funnel = {
    total: 5,
    steps: [
      { name: "/a", count: 5, dropped: 0 },
      { name: "/b", count: 2, dropped: 3 },
    ],
    breakdown: null,
  };
  expect(countIn(funnel, { at: 2, dropped: false })).toBe(2);
  expect(countIn(funnel, { at: 2, dropped: true })).toBe(3);
  expect(countIn(funnel, { at: 3, dropped: false })).toBeNull();
});

test("a step is moved among the others, and not beyond them", () => {
  expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  expect(stepWords("screen:Home")).toBe("Home");
});
