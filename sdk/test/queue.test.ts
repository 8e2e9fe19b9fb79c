// @vitest-environment happy-dom
/** The queue: what it keeps, what it gives up, and what it takes over. */

import { beforeEach, expect, test, vi } from "vitest";
import type { Verdict } from "../src/event.js";
import { MAX_AGE_MS, MAX_BYTES, MAX_EVENTS, openQueue, type Queue } from "../src/queue.js";

const NOW = 1_750_000_000_000;
const stored = () => Object.keys(localStorage).filter((key) => key.startsWith("tw:q:"));

beforeEach(() => localStorage.clear());

function add(queue: Queue, id: string, action = "order.paid", more: object = {}, at = NOW): Promise<Verdict> {
  return new Promise((settle) => {
    queue.add(id, action, JSON.stringify({ id, action, ...more }), at, at, settle);
  });
}

test("an event is on disk when it is queued, and gone with its verdict", async () => {
  const queue = openQueue("k", "tab1", () => false);
  const verdict = add(queue, "one");
  expect(stored().map((key) => JSON.parse(localStorage.getItem(key) ?? "").id)).toEqual(["one"]);
  queue.end(queue.entries[0] as never, "stored");
  expect(stored()).toEqual([]);
  expect(await verdict).toEqual({ id: "one", status: "stored" });
});

test("too many: the oldest that say little go first, then the oldest", async () => {
  const queue = openQueue("k", "tab1", () => false);
  const first = add(queue, "first");
  const visit = add(queue, "visit", "page.visit");
  for (let n = 0; n < MAX_EVENTS; n++) add(queue, `n${n}`);
  expect(await visit).toMatchObject({ status: "dropped", code: "queue_full" });
  expect(await first).toMatchObject({ status: "dropped", code: "queue_full" });
  expect(queue.entries).toHaveLength(MAX_EVENTS);
  expect(stored()).toHaveLength(MAX_EVENTS);
  expect(queue.lost()).toBe(2);
});

test("too large: bytes are limited as well", () => {
  const queue = openQueue("k", "tab1", () => false);
  for (let n = 0; n < 40; n++) add(queue, `n${n}`, "a.b", { text: "x".repeat(20_000) });
  expect(queue.entries.reduce((sum, entry) => sum + entry.bytes, 0)).toBeLessThanOrEqual(MAX_BYTES);
  expect(queue.lost()).toBe(40 - queue.entries.length);
});

test("too old: given up after a week", async () => {
  const queue = openQueue("k", "tab1", () => false);
  const verdict = add(queue, "one");
  queue.check(NOW + MAX_AGE_MS);
  expect(queue.entries).toHaveLength(1);
  queue.check(NOW + MAX_AGE_MS + 1);
  expect(await verdict).toMatchObject({ status: "dropped", code: "too_old" });
});

test("a closed tab's events are taken over, a living one's are not, another site's neither", () => {
  add(
    openQueue("k", "gone", () => false),
    "orphan",
  );
  add(
    openQueue("k", "alive", () => false),
    "kept",
  );
  add(
    openQueue("other", "gone", () => false),
    "foreign",
  );
  const queue = openQueue("k", "tab1", () => false);
  expect(queue.adopt(NOW + 1, (tab) => tab === "gone")).toBe(1);
  expect(queue.entries.map((entry) => entry.id)).toEqual(["orphan"]);
  expect(stored()).toHaveLength(3);
});

test("what another tab took over is let go of, once", async () => {
  const slept = openQueue("k", "slept", () => false);
  const verdict = add(slept, "one");
  openQueue("k", "tab1", () => false).adopt(NOW + 1, () => true);
  slept.check(NOW + 2);
  expect(slept.entries).toEqual([]);
  expect(await verdict).toMatchObject({ status: "queued" });
  expect(stored()).toHaveLength(1);
});

test("leftovers that are too old or broken are swept and counted", () => {
  localStorage.setItem(`tw:q:k:gone:${(NOW - MAX_AGE_MS).toString(36)}-0`, '{"id":"x","action":"a.b"}');
  localStorage.setItem(`tw:q:other:gone:${(NOW - MAX_AGE_MS).toString(36)}-0`, '{"id":"x","action":"a.b"}');
  localStorage.setItem(`tw:q:k:gone:${NOW.toString(36)}-1`, "{broken");
  const queue = openQueue("k", "tab1", () => false);
  queue.adopt(NOW + 1, () => true);
  expect(stored()).toEqual([]);
  expect(queue.entries).toEqual([]);
  expect(queue.lost()).toBe(2);
});

test("full storage keeps the event in memory", () => {
  const full = vi.spyOn(globalThis, "localStorage", "get").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const queue = openQueue("k", "tab1", () => false);
  add(queue, "one");
  full.mockRestore();
  queue.check(NOW);
  expect(queue.entries.map(({ id, key }) => [id, key])).toEqual([["one", ""]]);
});

test("the report of a loss is taken off only by what was reported", () => {
  const queue = openQueue("k", "tab1", () => false);
  queue.lose(5);
  queue.lose(-3);
  expect(queue.lost()).toBe(2);
  queue.lose(-2);
  expect(localStorage.getItem("tw:d:k")).toBeNull();
});

test("of what is given up, hovers go before clicks, clicks before visits, and those before one's own events", async () => {
  const queue = openQueue("k", "tab1", () => false);
  const actions = ["a.own", "page.visit", "element.click", "element.hover", "scroll.depth"];
  const verdicts = actions.map((action) => add(queue, action, action));
  const gone: string[] = [];
  verdicts.forEach((verdict) => void verdict.then(({ id }) => gone.push(id)));
  for (let n = 0; n < MAX_EVENTS; n++) add(queue, `n${n}`);
  await Promise.all(verdicts);
  expect(gone).toEqual(["element.hover", "scroll.depth", "element.click", "page.visit", "a.own"]);
});
