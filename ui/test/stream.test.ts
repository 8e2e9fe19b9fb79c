/** The live stream's rows: each event once, capped, and still while held. */
import { describe, expect, test } from "vitest";
import { emptyStream, LIVE_ROWS_MAX, LIVE_WAITING_MAX, pointsAt, receive, release } from "../src/model/stream";
import { event } from "./event";

const many = (n: number) => Array.from({ length: n }, () => event({}));

describe("receive", () => {
  test("newest on top", () => {
    const [first, second] = many(2);

    const stream = receive(emptyStream, [first, second] as never, false);

    expect(stream.rows).toEqual([second, first]);
  });

  test("an event sent again after a reconnect is shown once", () => {
    const events = many(3);
    const stream = receive(emptyStream, events, false);

    expect(receive(stream, events, false)).toBe(stream);
    expect(receive(stream, events, true)).toBe(stream);
  });

  test("twice in one batch is once", () => {
    const [one] = many(1);

    expect(receive(emptyStream, [one, one] as never, false).rows).toHaveLength(1);
  });

  test("rows are capped", () => {
    expect(receive(emptyStream, many(LIVE_ROWS_MAX + 50), false).rows).toHaveLength(LIVE_ROWS_MAX);
  });
});

describe("held", () => {
  test("rows stay, and the count tells what waits", () => {
    const before = receive(emptyStream, many(2), false);

    const after = receive(before, many(37), true);

    expect(after.rows).toBe(before.rows);
    expect(after.waitingCount).toBe(37);
  });

  test("what waits is capped, the count is not", () => {
    const stream = receive(emptyStream, many(LIVE_WAITING_MAX + 10), true);

    expect(stream.waiting).toHaveLength(LIVE_WAITING_MAX);
    expect(stream.waitingCount).toBe(LIVE_WAITING_MAX + 10);
  });

  test("let go, they come on top in order", () => {
    const [a, b, c] = many(3);
    const held = receive(receive(emptyStream, [a] as never, false), [b, c] as never, true);

    expect(release(held)).toEqual({ rows: [c, b, a], waiting: [], waitingCount: 0 });
  });
});

test.each([
  ["a mouse that is moved over the list", false, "pointermove", "mouse", 3, true],
  ["a mouse that rests while the list comes up under it", false, "pointermove", "mouse", 0, false],
  ["a mouse that came to rest after it was moved", true, "pointermove", "mouse", 0, true],
  ["a mouse over which the list appeared", false, "pointerenter", "mouse", 0, false],
  ["a mouse that left", true, "pointerleave", "mouse", 3, false],
  ["a finger", false, "pointermove", "touch", 3, false],
])("pointing: %s", (_, before, type, pointerType, movement, pointing) => {
  expect(pointsAt(before, { type, pointerType, movementX: 0, movementY: movement })).toBe(pointing);
});
