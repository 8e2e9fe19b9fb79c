/** The activity feed: days, sessions, silences, time on a page; nothing dropped, nothing reordered. */
import { describe, expect, test } from "vitest";
import { groupFeed, mergeFeed } from "../src/model/feed";
import { event, NOON } from "./event";

const MINUTE = 60_000;

describe("grouping", () => {
  test("no events, no days", () => {
    expect(groupFeed([])).toEqual([]);
  });

  test("days and sessions, newest first, every event once", () => {
    const events = [
      event({ time: NOON + 5 * MINUTE, session: "b" }),
      event({ time: NOON + 4 * MINUTE, session: "b" }),
      event({ time: NOON, session: "a" }),
      event({ time: NOON - 24 * 60 * MINUTE, session: null }),
    ];

    const days = groupFeed(events);

    expect(days.map((day) => day.sessions.map((group) => [group.session, group.count]))).toEqual([
      [
        ["b", 2],
        ["a", 1],
      ],
      [[null, 1]],
    ]);
    const shown = days.flatMap((d) =>
      d.sessions.flatMap((s) => s.lines.flatMap((l) => (l.kind === "event" ? [l.event.id] : []))),
    );
    expect(shown).toEqual(events.map((one) => one.id));
  });

  test("silence between sessions, not after the last loaded one", () => {
    const [day] = groupFeed([event({ time: NOON + 90 * MINUTE, session: "b" }), event({ time: NOON, session: "a" })]);

    expect(day?.sessions.map((group) => group.silenceBefore)).toEqual([90 * MINUTE, null]);
  });

  test.each([
    [MINUTE - 1, 0],
    [MINUTE, 1],
  ])("a pause of %i ms within a session makes %i silence line", (pause, lines) => {
    const [day] = groupFeed([event({ time: NOON + pause, session: "a" }), event({ time: NOON, session: "a" })]);

    expect(day?.sessions[0]?.lines.filter((line) => line.kind === "silence")).toHaveLength(lines);
  });

  test("a session over midnight is shown under both days", () => {
    const midnight = new Date(2026, 10, 12).getTime();

    const days = groupFeed([event({ time: midnight + 1, session: "a" }), event({ time: midnight - 1, session: "a" })]);

    expect(days).toHaveLength(2);
    expect(new Set(days.flatMap((day) => day.sessions.map((group) => group.key))).size).toBe(2);
  });
});

test("time on a page runs to the next page, else to the session's last event", () => {
  const [day] = groupFeed([
    event({ time: NOON + 50_000, session: "a", action: "element.click" }),
    event({ time: NOON + 30_000, session: "a", action: "page.visit" }),
    event({ time: NOON + 10_000, session: "a", action: "element.view" }),
    event({ time: NOON, session: "a", action: "page.visit" }),
  ]);

  const stayed = day?.sessions[0]?.lines.map((line) => (line.kind === "event" ? line.stayed : "silence"));

  expect(stayed).toEqual([null, 20_000, null, 30_000]);
});

describe("merging what arrives", () => {
  test("known ids are not shown twice, and order is by time", () => {
    const old = event({ time: NOON });
    const late = event({ time: NOON - 1 });
    const fresh = event({ time: NOON + 1 });

    expect(mergeFeed([old], [late, old, fresh])).toEqual([fresh, old, late]);
  });

  test("nothing new leaves the list itself as it was", () => {
    const loaded = [event({})];

    expect(mergeFeed(loaded, [...loaded])).toBe(loaded);
  });
});
