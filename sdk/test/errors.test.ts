/** Script errors: what is left of their texts, which belong together, and which are nobody's business. */

import { expect, test } from "vitest";
import { concerns, faultOf, groupOf, scrub } from "../src/errors.js";

test.each([
  ["at f (https://a.example/x.js?v=1&token=abc:10:5)", "at f (https://a.example/x.js:10:5)"],
  ["f@https://a.example/x.js#main?t=1:10:5", "f@https://a.example/x.js:10:5"],
  ["at https://a.example/x.js:1:123456", "at https://a.example/x.js:1:123456"],
  ["at https://ann:secret@a.example/x.js:1:2", "at https://a.example/x.js:1:2"],
  ["GET /api/me?token=abc&x=1 failed", "GET /api/me failed"],
  ["no user ann@shop.example here", "no user [email] here"],
  ["card 4111 1111 1111 1111 refused", "card [number] refused"],
  [`{"card":4111111111111111}`, `{"card":[number]}`],
  ["bad eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "bad [token]"],
  ["What now? Nothing.", "What now? Nothing."],
  ["x is not a function", "x is not a function"],
])("%s → %s", (text, left) => {
  expect(scrub(text)).toBe(left);
});

test("a message loses keys and is cut to length", () => {
  const { message } = faultOf(new TypeError(`key sk_live_0123456789abcdefghij ${"long ".repeat(100)}`));
  expect(message).toMatch(/^key \[token\] long/);
  expect(message).toHaveLength(300);
});

test.each([
  ["text", "oops", { type: "string", message: "oops" }],
  ["nothing", undefined, { type: "Error", message: "no message" }],
  ["an object", { code: 7 }, { type: "object", message: "no message" }],
  ["an error", new RangeError("too far"), { type: "RangeError", message: "too far" }],
])("%s can be thrown", (_, thrown, expected) => {
  expect(faultOf(thrown)).toMatchObject(expected);
});

const fault = (message: string, source: string, type = "TypeError") => ({ type, message, source, stack: "" });

test.each([
  ["other particulars", fault("no item 'a' in 12", "https://a.example/x.js:1:2"), true],
  ["another line, build and host", fault("no item 'b' in 7", "https://b.example/x.4f5e6d.js:9:9"), true],
  ["another type", fault("no item 'a' in 12", "https://a.example/x.js:1:2", "RangeError"), false],
  ["another message", fault("no thing 'a' in 12", "https://a.example/x.js:1:2"), false],
  ["another file", fault("no item 'a' in 12", "https://a.example/y.js:1:2"), false],
])("grouping: %s", (_, other, same) => {
  expect(groupOf(other) === groupOf(fault("no item 'b' in 3", "https://a.example/x.3a2b1c.js:5:6"))).toBe(same);
});

const APP = "https://a.example/app.js:1:2";

test.each([
  ["the page's", "x", APP, true],
  ["the SDK's", "x", "https://a.example/s/tk_1.js:1:2", false],
  [
    "the SDK's by its stack",
    "x",
    `\nError: x\n    at f (https://a.example/s/tk_1.js?v=1:1:2)\n    at g (${APP})`,
    false,
  ],
  [
    "the page's in a call of the SDK's",
    "x",
    `\nError: x\n    at g (${APP})\n    at f (https://a.example/s/tk_1.js:1:2)`,
    true,
  ],
  ["a lazy file's", "x", "https://a.example/s/errors-0123456789.js:1:2", false],
  ["an extension's", "x", "\nError: x\n    at f (chrome-extension://abc/x.js:1:2)", false],
  ["Safari's extension's", "x", "safari-web-extension://abc/x.js:1:2", false],
  ["noise", "ResizeObserver loop completed with undelivered notifications.", "", false],
  ["another origin's", "Script error.", "", true],
])("%s: reported or not", (_, message, where, reported) => {
  expect(concerns(message, where, "tk_1")).toBe(reported);
});
