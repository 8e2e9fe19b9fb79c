import { expect, test } from "vitest";
import {
  type Alert,
  amount,
  deliveryWords,
  emptyDraft,
  type Finding,
  offWords,
  previewWords,
  questionPath,
  rangeOf,
  standingOf,
  type Watched,
  watchedWords,
  windowWords,
} from "../src/model/alerts";

const watched = (changes: Partial<Watched> = {}): Watched => ({
  ...emptyDraft().watched,
  action: "form.submit",
  ...changes,
});
const finding = (changes: Partial<Finding> = {}): Finding => ({
  start: 0,
  until: 1,
  value: 5,
  low: 10,
  high: 40,
  state: "below",
  basis: "week",
  references: 24,
  n: 5,
  of: 1,
  ...changes,
});

test.each([
  [5, "5 min"],
  [60, "1 h"],
  [720, "12 h"],
  [1440, "1 day"],
])("a window of %d minutes is %s", (minutes, words) => {
  expect(windowWords(minutes)).toBe(words);
});

test.each([
  [watched(), "form.submit, in 1 h"],
  [watched({ params: [{ name: "form", value: "checkout" }] }), "form.submit with form = checkout, in 1 h"],
  [watched({ kind: "share", of_action: "form.view" }), "form.submit for each form.view, in 1 h"],
  [watched({ kind: "stopped" }), "time without form.submit"],
  [watched({ kind: "dwell", element: "banner" }), "median dwell over banner, in 1 h"],
  [watched({ kind: "rejected" }), "share of rejected events, in 1 h"],
])("what is watched is told: %#", (one, words) => {
  expect(watchedWords(one)).toBe(words);
});

test.each([
  [watched(), 1234, "1,234"],
  [watched({ kind: "share" }), 0.2083, "0.208"],
  [watched({ kind: "rejected" }), 0.025, "2.5 %"],
  [watched({ kind: "dwell" }), 2500, "2.5 s"],
  [watched({ kind: "stopped" }), 7_200_000, "2 h"],
  [watched(), null, "–"],
])("a value has the unit of what is watched: %#", (one, value, words) => {
  expect(amount(one, value)).toBe(words);
});

test("a range is told by the sides it has", () => {
  expect(rangeOf(watched(), finding())).toBe("usual is 10 to 40");
  expect(rangeOf(watched(), finding({ low: null }))).toBe("usual is at most 40");
  expect(rangeOf(watched(), finding({ high: null, basis: "fixed" }))).toBe("the limit is at least 10");
  expect(rangeOf(watched(), finding({ low: null, high: null }))).toBe("");
});

test.each([
  [5, "−50 %"],
  [50, "+25 %"],
  [80, "2.0×"],
  [20, ""],
  [null, ""],
])("how far off %s is: %s", (value, words) => {
  expect(offWords(finding({ value }))).toBe(words);
});

test("an alert that learns says so, and an open incident goes before all", () => {
  const alert: Alert = { ...emptyDraft(), id: "a", created: 0, changed: 0, finding: null, incident: null };
  const state = (changes: Partial<Alert>) => standingOf({ ...alert, ...changes }).word;

  expect(state({})).toBe("New");
  expect(state({ finding: finding({ state: "learning" }) })).toBe("Learning");
  expect(state({ finding: finding({ state: "few" }) })).toBe("Too few");
  expect(state({ finding: finding({ state: "usual" }) })).toBe("In range");
  expect(state({ finding: finding({ state: "usual" }), incident: 3 })).toBe("Out of range");
});

test("a message is sent, waits, or was given up", () => {
  const base = { message: "m", channel: "c", event: "incident.opened", made: 0, tries: [] };

  expect(deliveryWords({ ...base, due: null, sent: 5 }).word).toBe("sent");
  expect(deliveryWords({ ...base, due: 5, sent: null }).word).toBe("is being sent");
  expect(deliveryWords({ ...base, due: null, sent: null }).word).toBe("given up");
});

test("a preview says how often, or why it cannot", () => {
  const preview = { days: 28, judged: 600, learning: 72, fired: 3, incidents: [], now: finding(), picture: [] };

  expect(previewWords(preview)).toBe("In the last 4 weeks this would have fired 3 times. It would be open now.");
  expect(previewWords({ ...preview, fired: 0, now: null })).toBe("In the last 4 weeks this would not have fired.");
  expect(previewWords({ ...preview, judged: 0 })).toContain("learning");
});

test("the question behind an incident is of its time", () => {
  expect(questionPath(watched(), 1, 2)).toBe("/explore/trends?from=1&to=2&action=form.submit");
  expect(questionPath(watched({ kind: "rejected" }), 1, 2)).toBe("/quality?from=1&to=2");
  expect(questionPath(watched({ kind: "dwell", element: "b" }), 1, 2)).toBe("/explore/elements?from=1&to=2");
});
