// @vitest-environment happy-dom
/** The session's rules: when it is over, and what is checked first. */

import { beforeEach, expect, test } from "vitest";
import { recall, remember } from "../src/keep.js";
import { expired, parseSession, Sessions } from "../src/session.js";

const MIN = 60_000;
const T0 = 1_750_000_000_000;
const id = "0190aaaa-0000-7000-8000-00000000abcd";

beforeEach(() => remember("tw_session", "", 0));

test.each([
  [29 * MIN, 0, false],
  [31 * MIN, 0, true],
  [0, 25 * 60 * MIN, true],
  [-4 * MIN, 0, false],
  [-6 * MIN, 0, true],
])("idle for %i ms, begun %i ms earlier: over %j", (idle, earlier, expected) => {
  expect(expired({ id, start: T0 - earlier, last: T0 }, T0 + idle, 30 * MIN)).toBe(expected);
});

test.each(["", "x", `${id}`, `${id}.1`, `${id}.1.x`, "short.1.2"])("%j is no session", (text) => {
  expect(parseSession(text)).toBeUndefined();
});

test("one session goes on while something happens, and a new one begins after the timeout", () => {
  const sessions = new Sessions(30 * MIN);
  const first = sessions.touch(T0);
  expect(first.fresh).toBe(true);
  expect(sessions.touch(T0 + 20 * MIN)).toEqual({ id: first.id, fresh: false });
  expect(sessions.touch(T0 + 40 * MIN)).toEqual({ id: first.id, fresh: false });
  const second = sessions.touch(T0 + 71 * MIN);
  expect(second.fresh).toBe(true);
  expect(second.id).not.toBe(first.id);
});

test("activity too recent to have been written counts in this tab, and is written on save", () => {
  const sessions = new Sessions(30 * MIN);
  const { id: mine } = sessions.touch(T0);
  sessions.touch(T0 + 4_000);
  expect(parseSession(recall("tw_session"))?.last).toBe(T0);
  expect(sessions.touch(T0 + 30 * MIN + 3_000).id).toBe(mine);
  sessions.save();
  expect(parseSession(recall("tw_session"))?.last).toBe(T0 + 30 * MIN + 3_000);
});

test("a tab that slept takes up the session another tab began", () => {
  const asleep = new Sessions(30 * MIN);
  asleep.touch(T0);
  const awake = new Sessions(30 * MIN).touch(T0 + 60 * MIN);
  expect(asleep.touch(T0 + 61 * MIN)).toEqual({ id: awake.id, fresh: false });
});

test("a session ends a day after it began, however busy", () => {
  const sessions = new Sessions(30 * MIN);
  const { id: first } = sessions.touch(T0);
  for (let at = T0; at <= T0 + 24 * 60 * MIN; at += 20 * MIN) expect(sessions.touch(at).id).toBe(first);
  expect(sessions.touch(T0 + 24 * 60 * MIN + 1).fresh).toBe(true);
});

test("a saving tab does not bring back a session that is over elsewhere", () => {
  const asleep = new Sessions(30 * MIN);
  asleep.touch(T0);
  const { id: current } = new Sessions(30 * MIN).touch(T0 + 60 * MIN);
  asleep.save();
  expect(parseSession(recall("tw_session"))?.id).toBe(current);
});

test("after forget the next event begins another session", () => {
  const sessions = new Sessions(30 * MIN);
  const { id: first } = sessions.touch(T0);
  sessions.forget();
  expect(sessions.touch(T0 + 1)).toMatchObject({ fresh: true });
  expect(sessions.touch(T0 + 2).id).not.toBe(first);
});
