/** The npm package's face: importable on a server, and nothing exported by accident. */

import { expect, expectTypeOf, test } from "vitest";
import * as sdk from "../src/index.js";

test("the package exports start and nothing else", () => {
  expect(Object.keys(sdk)).toEqual(["start"]);
});

test("on a server every call does nothing and says so", async () => {
  const SR = sdk.start({ key: "tk_1", name: "SR" });
  expect(await SR.event.trackCustomEvent("a.b", { n: 1 }, "L")).toMatchObject({
    status: "dropped",
    code: "no_browser",
  });
  expect(SR.client.getUuid()).toBe("");
  await SR.event.flush();
  await SR.init();
});

test("the types are those that the documentation names", () => {
  expectTypeOf<sdk.Trackway["event"]["trackCustomEvent"]>().returns.resolves.toEqualTypeOf<sdk.Verdict>();
  expectTypeOf<sdk.Verdict["status"]>().toEqualTypeOf<"stored" | "rejected" | "queued" | "dropped">();
  expectTypeOf<sdk.Config["key"]>().toEqualTypeOf<string>();
});
