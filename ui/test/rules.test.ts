/** Rules and the audit log as they are typed and told. */
import { expect, test } from "vitest";
import { authorWords, deedWords, differences, valueWords } from "../src/model/audit";
import { fateWords, previewWords, readRules, sameLists, wasWords, writeRules } from "../src/model/rules";
import type { AuditLine, Preview, PreviewAction } from "../src/model/shapes";

test.each([
  ["", []],
  ["product.*\n page.visit \n\n", ["product.*", "page.visit"]],
  ["a.b, c.d a.b", ["a.b", "c.d"]],
])("%j is read as %j", (text, rules) => {
  expect(readRules(text)).toEqual(rules);
  expect(readRules(writeRules(rules))).toEqual(rules);
});

test("lists are compared, the mode is not", () => {
  const rules = { mode: "enforce" as const, allow: ["a.b"], deny: [] };

  expect(sameLists(rules, { ...rules, mode: "report" })).toBe(true);
  expect(sameLists(rules, { ...rules, deny: ["a.b"] })).toBe(false);
});

const preview: Preview = { received: 0, since: null, accepted: 0, rejected: {}, actions: [] };
test.each([
  [preview, "No event was received yet, so there is nothing to try these rules on."],
  [{ ...preview, received: 1, accepted: 1 }, "Of the last 1 event received, these rules would refuse none."],
  [
    { ...preview, received: 5000, rejected: { denied: 1000, not_allowed: 234, uuid_missing: 7 } },
    "Of the last 5,000 events received, these rules would refuse 1,234.",
  ],
])("what a preview comes to: %#", (given, words) => {
  expect(previewWords(given)).toBe(words);
});

const action: PreviewAction = { action: "a.b", code: null, rule: "", message: "", count: 1, was: {}, examples: [] };
test.each([
  [action, "would pass now"],
  [{ ...action, code: "denied" as const, rule: "a.*" }, "denied by a.*"],
  [{ ...action, code: "not_allowed" as const }, "not on the allowlist"],
])("what becomes of an action: %#", (given, words) => {
  expect(fateWords(given)).toBe(words);
});

test("what became of events before", () => {
  expect(wasWords({ stored: 1200, denied: 3 })).toBe("stored 1,200, denied 3");
});

const line: AuditLine = {
  number: 1,
  time: 0,
  who: { kind: "user", name: "admin" },
  site: "shop",
  what: "rules.put",
  before: { rules: { deny: [] }, name: "a" },
  after: { rules: { deny: ["x.*", "y.z"] }, name: null },
};

test("a change is taken apart to what differs", () => {
  expect(differences(line).map(({ name, before, after }) => [name, valueWords(before), valueWords(after)])).toEqual([
    ["rules.deny", "empty", "x.*, y.z"],
    ["name", "a", "nothing"],
  ]);
  expect(differences({ ...line, before: null, after: { id: "k" } })).toEqual([
    { name: "id", before: undefined, after: "k" },
  ]);
});

test.each([
  [{ kind: "user", name: "admin" }, "admin"],
  [{ kind: "key", name: "ab12" }, "API key ab12"],
  [{ kind: "command", name: "" }, "the command line"],
  [{ kind: "robot", name: "x" }, "robot x"],
])("author %j is %s", (who, words) => {
  expect(authorWords(who)).toBe(words);
});

test("a deed this page does not know is shown as it came", () => {
  expect(deedWords("rules.put")).toBe("changed the rules");
  expect(deedWords("moon.land")).toBe("moon.land");
});
