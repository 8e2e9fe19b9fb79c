import { expect, test } from "vitest";
import { changesOf, draftOf, rangeWords, titleOf } from "../src/model/setting";
import type { SettingRow } from "../src/model/shapes";

const row = (name: string, kind: SettingRow["kind"], usual: unknown): SettingRow => ({
  name,
  group: "collecting",
  kind,
  default: usual,
  help: "",
  choices: [],
  minimum: kind === "integer" ? 1 : null,
  maximum: kind === "integer" ? 86_400 : null,
});
const rows = [
  row("session_timeout_s", "integer", 1_800),
  row("sdk_spa", "boolean", true),
  row("sdk_name", "text", "SR"),
  row("hosts", "list", []),
];
const values = { session_timeout_s: 900, sdk_spa: false, hosts: ["a.example", "b.example"] };

test("a field shows what is set, and the default of what is not", () => {
  expect(draftOf(rows, values)).toEqual({
    session_timeout_s: "900",
    sdk_spa: false,
    sdk_name: "SR",
    hosts: "a.example\nb.example",
  });
});

test("only what differs is sent, each as its kind", () => {
  const draft = { ...draftOf(rows, values), session_timeout_s: "60", hosts: " c.example \n\n" };

  expect(changesOf(rows, values, draft)).toEqual({ session_timeout_s: 60, hosts: ["c.example"] });
  expect(changesOf(rows, values, draftOf(rows, values))).toEqual({});
});

test.each(["", " ", "x", "1e999"])("a number that is none is refused: %s", (typed) => {
  expect(() => changesOf(rows, values, { ...draftOf(rows, values), session_timeout_s: typed })).toThrow(
    "session_timeout_s must be a number",
  );
});

test.each([
  ["session_timeout_s", "Session timeout (s)"],
  ["ip", "IP"],
  ["rate_limit_key_per_s", "Rate limit key (per second)"],
  ["sdk_cookie_days", "Cookie (days)"],
  ["sdk_page_visit", "Page visit"],
  ["retention_days", "Retention (days)"],
])("%s is called %s", (name, title) => {
  expect(titleOf(name)).toBe(title);
});

test("a number's range and default are told, a switch has neither", () => {
  expect(rows.slice(0, 2).map(rangeWords)).toEqual(["1 to 86,400, by default 1,800", ""]);
});
