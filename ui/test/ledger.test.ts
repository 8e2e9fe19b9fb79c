/** The ledger as it is shown: sums that add up, differences that are said. */
import { describe, expect, test } from "vitest";
import {
  barWidth,
  difference,
  foldIntervals,
  isBalanced,
  reasonsOf,
  rejectedTotal,
  termsOf,
} from "../src/model/ledger";
import { reasonCodes, reasonOf } from "../src/model/reasons";
import type { Ledger, LedgerInterval } from "../src/model/shapes";

const counts = { received: 110, stored: 90, duplicates: 8, rejected: { denied: 2, uuid_missing: 7 }, in_flight: 3 };
const ledger: Ledger = { ...counts, from: 0, to: 10, balanced: true, intervals: [], gaps: [] };

test("the terms add up to what was received", () => {
  expect(termsOf(counts).reduce((sum, term) => sum + term.count, 0)).toBe(counts.received);
  expect(difference(counts)).toBe(0);
});

test.each([
  ["both agree", ledger, true],
  ["the server says no", { ...ledger, balanced: false }, false],
  ["the server says yes, the sum says no", { ...ledger, received: 111 }, false],
])("balanced only when server and sum agree: %s", (_, given, expected) => {
  expect(isBalanced(given)).toBe(expected);
});

test("a difference has a sign: unaccounted for, or too many", () => {
  expect(difference({ ...counts, received: 112 })).toBe(2);
  expect(difference({ ...counts, stored: 95 })).toBe(-5);
});

test("reasons, most first; codes without events left out", () => {
  const rows = reasonsOf({ ...counts, rejected: { denied: 2, uuid_missing: 7, param_type: 0 } });

  expect(rows.map((row) => [row.code, row.count])).toEqual([
    ["uuid_missing", 7],
    ["denied", 2],
  ]);
  expect(rows[0]?.share).toBeCloseTo(7 / 9);
});

describe("folding intervals into bars", () => {
  const minutes: LedgerInterval[] = Array.from({ length: 25 }, (_, at) => ({
    from: at * 7 * 60_000,
    to: (at * 7 + 1) * 60_000,
    received: at + 2,
    stored: at,
    duplicates: 1,
    rejected: { [at % 2 ? "denied" : "uuid_missing"]: 1 },
    in_flight: 0,
  }));
  const over: Ledger = { ...ledger, from: 0, to: 25 * 7 * 60_000, intervals: minutes };
  const sum = (list: LedgerInterval[], of: (one: LedgerInterval) => number) => list.reduce((n, one) => n + of(one), 0);

  test.each([1, 2, 7, 24, 60])("at most %i bars and one begun, and not one event more or less", (max) => {
    const bars = foldIntervals(over, 0, max);

    expect(bars.length).toBeLessThanOrEqual(max + 1);
    expect(sum(bars, (one) => one.received)).toBe(sum(minutes, (one) => one.received));
    expect(sum(bars, rejectedTotal)).toBe(25);
  });

  test("bars follow each other without a hole, empty ones too", () => {
    const bars = foldIntervals({ ...over, intervals: minutes.slice(0, 1) });

    expect(bars.every((bar, at) => at === 0 || bar.from === bars[at - 1]?.to)).toBe(true);
    expect(bars.at(-1)?.to).toBeGreaterThanOrEqual(over.to);
  });

  test("a day's bar is the viewer's day", () => {
    const day = 86_400_000;
    const [first] = foldIntervals({ ...over, from: 10 * day, to: 40 * day, intervals: [] }, 3_600_000, 40);

    expect(first?.from).toBe(10 * day - 3_600_000);
  });

  test.each([
    [3_600_000, 60_000],
    [24 * 3_600_000, 30 * 60_000],
    [30 * 86_400_000, 86_400_000],
    [20 * 365 * 86_400_000, 5 * 30 * 86_400_000],
  ])("a span of %i ms has bars of %i ms", (span, width) => expect(barWidth(span)).toBe(width));
});

test("every rejection code of the contract is explained", () => {
  const contract =
    "action_missing action_invalid action_too_long label_invalid time_invalid time_too_old uuid_missing uuid_invalid id_invalid params_invalid params_too_large param_missing param_type denied not_allowed token_required server_only undeclared event_invalid";

  expect(reasonCodes.toSorted()).toEqual(contract.split(" ").toSorted());
  expect(reasonOf("something_new").meaning).toContain("not know");
});
