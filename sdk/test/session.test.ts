// @vitest-environment happy-dom
/** The session's rules: when it is over, and what is checked first. */

import { beforeEach, expect, test } from "vitest";
import { recall, remember } from "../src/keep.js";
import { expired, openSessions, parseSession } from "../src/session.js";

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
  const sessions = openSessions(30 * MIN);
  const first = sessions._touch(T0);
  expect(first._fresh).toBe(true);
  expect(sessions._touch(T0 + 20 * MIN)).toEqual({ _id: first._id });
  expect(sessions._touch(T0 + 40 * MIN)).toEqual({ _id: first._id });
  const second = sessions._touch(T0 + 71 * MIN);
  expect(second._fresh).toBe(true);
  expect(second._id).not.toBe(first._id);
});

test("activity too recent to have been written counts in this tab, and is written on save", () => {
  const sessions = openSessions(30 * MIN);
  const { _id: mine } = sessions._touch(T0);
  sessions._touch(T0 + 4_000);
  expect(parseSession(recall("tw_session"))?.last).toBe(T0);
  expect(sessions._touch(T0 + 30 * MIN + 3_000)._id).toBe(mine);
  sessions._save();
  expect(parseSession(recall("tw_session"))?.last).toBe(T0 + 30 * MIN + 3_000);
});

test("a tab that slept takes up the session another tab began", () => {
  const asleep = openSessions(30 * MIN);
  asleep._touch(T0);
  const awake = openSessions(30 * MIN)._touch(T0 + 60 * MIN);
  expect(asleep._touch(T0 + 61 * MIN)).toEqual({ _id: awake._id });
});

test("a session ends a day after it began, however busy", () => {
  const sessions = openSessions(30 * MIN);
  const { _id: first } = sessions._touch(T0);
  for (let at = T0; at <= T0 + 24 * 60 * MIN; at += 20 * MIN) expect(sessions._touch(at)._id).toBe(first);
  expect(sessions._touch(T0 + 24 * 60 * MIN + 1)._fresh).toBe(true);
});

test("a saving tab does not bring back a session that is over elsewhere", () => {
  const asleep = openSessions(30 * MIN);
  asleep._touch(T0);
  const { _id: current } = openSessions(30 * MIN)._touch(T0 + 60 * MIN);
  asleep._save();
  expect(parseSession(recall("tw_session"))?.id).toBe(current);
});

test("after forget the next event begins another session", () => {
  const sessions = openSessions(30 * MIN);
  const { _id: first } = sessions._touch(T0);
  sessions._forget();
  expect(sessions._touch(T0 + 1)).toMatchObject({ _fresh: true });
  expect(sessions._touch(T0 + 2)._id).not.toBe(first);
});

test("what happens by itself neither prolongs a session nor begins one", () => {
  const sessions = openSessions(30 * MIN);
  expect(sessions._touch(T0, true)).toEqual({});
  const { _id: first } = sessions._touch(T0);
  expect(sessions._touch(T0 + 20 * MIN, true)._id).toBe(first);
  expect(sessions._touch(T0 + 31 * MIN, true)).toEqual({});
  expect(sessions._touch(T0 + 31 * MIN)._fresh).toBe(true);
});
