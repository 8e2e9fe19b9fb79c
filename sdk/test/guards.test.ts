/** The pure decisions of the guards: consent, automation, who is known, tokens, links between domains. */

import { expect, test, vi } from "vitest";
import { standing } from "../src/consent.js";
import { hash, isOther, nameOf } from "../src/known.js";
import { carried, carry, isWithin } from "../src/linking.js";
import { claimsOf } from "../src/token.js";
import { automated } from "../src/unseen.js";

test.each([
  [undefined, false, false, "granted"],
  [undefined, true, false, "pending"],
  [undefined, false, true, "denied"],
  [undefined, true, true, "denied"],
  ["granted", true, true, "granted"],
  ["denied", false, false, "denied"],
  ["nonsense", true, false, "pending"],
] as const)("answered %s, required %s, the browser objects %s: %s", (kept, required, objects, status) => {
  expect(standing(kept, required, objects)).toBe(status);
});

test.each([
  [{ webdriver: true, userAgent: "Mozilla/5.0" }, true],
  [{ webdriver: false, userAgent: "Mozilla/5.0 (X11) Chrome/156.0.0.0 Safari/537.36" }, false],
  [{ userAgent: "Mozilla/5.0 (compatible; Googlebot/2.1)" }, true],
  [{ userAgent: "Mozilla/5.0 HeadlessChrome/156" }, true],
  [{ userAgent: "Mozilla/5.0 (Linux; Android 14; CUBOT X90)" }, false],
  [{ userAgent: "Mozilla/5.0 (Linux; Android 14; Botswana Phone)" }, false],
])("%o is automated: %s", (nav, is) => {
  expect(automated(nav)).toBe(is);
});

test.each([
  ["", nameOf("a"), false],
  [nameOf("a"), nameOf("a", "x@m.example"), false],
  [nameOf("a"), nameOf("b"), true],
  [nameOf(7), nameOf("7"), false],
  [nameOf("", "x@m.example"), nameOf(undefined, " X@M.example "), false],
  [nameOf("", "x@m.example"), nameOf("", "y@m.example"), true],
  [nameOf("", "x@m.example"), nameOf("a"), false],
  [nameOf("a"), nameOf("", "y@m.example"), false],
])("known as %s, named %s: somebody else %s", (known, named, other) => {
  expect(isOther(known, named)).toBe(other);
});

test("a hash tells values apart, and is short", () => {
  const hashes = Array.from({ length: 2_000 }, (_, n) => hash(`C-${n}`));
  expect(new Set(hashes).size).toBe(2_000);
  expect(Math.max(...hashes.map((text) => text.length))).toBeLessThanOrEqual(7);
  expect([nameOf(undefined), nameOf(null, ""), nameOf("")]).toEqual(["", "", ""]);
});

test("claims are read from any JWT, and from nothing else", () => {
  const coded = (text: string) => Buffer.from(text).toString("base64url");
  expect(claimsOf(`x.${coded('{"sub":"Żółć ~?~"}')}.y`)).toEqual({ sub: "Żółć ~?~" });
  for (const bad of ["", "x", "x.y.z", 7, null, undefined, `x.${coded("[")}.y`]) expect(claimsOf(bad)).toBeUndefined();
});

test("domains are whole names, and what is under them", () => {
  expect(isWithin("shop.example", ["shop.example"])).toBe(true);
  expect(isWithin("www.shop.example", ["shop.example"])).toBe(true);
  expect(isWithin("myshop.example", ["shop.example"])).toBe(false);
  expect(isWithin("shop.example.evil.example", ["shop.example"])).toBe(false);
});

test("a link is good for two minutes, in the browser that made it, unchanged", () => {
  vi.stubGlobal("navigator", { userAgent: "A", language: "en" });
  const uuid = "0190aaaa-0000-7000-8000-00000000abcd";
  const link = carry(uuid, 1_000_000);
  expect(carried(link, 1_000_000)).toBe(uuid);
  expect(carried(link, 1_119_000)).toBe(uuid);
  expect(carried(link, 1_121_000)).toBe("");
  expect(carried(link, 870_000)).toBe("");
  expect(carried(link.replace("abcd", "abce"), 1_000_000)).toBe("");
  for (const bad of ["", "x", `${uuid}.`, `${uuid}.zz.zz`]) expect(carried(bad, 1_000_000)).toBe("");
  vi.stubGlobal("navigator", { userAgent: "B", language: "en" });
  expect(carried(link, 1_000_000)).toBe("");
  vi.unstubAllGlobals();
});
