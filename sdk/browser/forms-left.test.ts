/** Forms that were begun and left: what is told of them, when, and what never is. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { WHOLE } from "./chromium.js";
import { PLANTED } from "./secrets.js";
import { served } from "./served.js";

const on = served();

const ORDER = `<form action="/thanks" data-track-form="order">
  <input id="first" name="name" data-track-field="name"><input name="email" type="email" data-track-field="email" required>
  <input name="street"><input name="secret" type="password"><div data-track-ignore><input name="private"></div>
  <button id="go">Go</button></form>`;

async function open(html = ORDER): Promise<Page> {
  on.shop.pages["/order"] = html;
  return on.visit("/order");
}

const left = async (count: number) => (await on.stored("form.abandon", count)).map((one) => one.params);

test("a form that was begun and left is told with its last field, the time on each, and no value", async () => {
  const page = await open();
  await page.fill("#first", PLANTED.unsent);
  await page.waitForTimeout(300);
  await page.fill("[name=email]", PLANTED.unsent);
  await page.fill("[name=secret]", PLANTED.password);
  await page.focus("[name=street]");
  await page.waitForTimeout(200);
  await page.goto(on.shop.url("/elsewhere"));
  const [event] = await on.stored("form.abandon", 1);
  expect(event?.label).toBe("Left form order");
  expect(event?.params).toMatchObject({
    form: "order",
    title: "Title of /order",
    last_field: "street",
    touched: ["name", "email", "secret"],
    errors: [],
  });
  const times = event?.params.times as Record<string, number>;
  expect(Object.keys(times)).toEqual(["name", "email", "secret", "street"]);
  expect(times.name).toBeGreaterThanOrEqual(290);
  expect(event?.params.duration).toBeGreaterThanOrEqual(490);
  expect(await on.server.stored(on.site, "form.submit")).toEqual([]);
});

test("the fields that were found invalid and not mended are named", async () => {
  const page = await open();
  await page.fill("#first", "Ann");
  await page.click("#go");
  await page.goto(on.shop.url("/elsewhere"));
  expect(await left(1)).toMatchObject([{ errors: ["email"], touched: ["name"] }]);
});

test("a field that was mended is no longer named, and what the page itself marks is", async () => {
  const page = await open(
    `${ORDER}<script>document.forms[0].onsubmit = (e) => { e.preventDefault(); e.target.street.setAttribute("aria-invalid", "true"); };</script>`,
  );
  await page.click("#go");
  await page.fill("[name=email]", PLANTED.unsent);
  await page.click("#go");
  await page.waitForTimeout(100);
  await page.goto(on.shop.url("/elsewhere"));
  expect(await left(1)).toMatchObject([{ errors: ["street"], touched: ["email"] }]);
});

test("a form that was only looked at, or that was submitted, was not left", async () => {
  const page = await open(`${ORDER}<form data-track-form="other"><input id="idle" autofocus></form>`);
  await page.focus("#idle");
  await page.fill("[name=email]", "ann@shop.example");
  await page.click("#go");
  await page.waitForURL("**/thanks*");
  await on.stored("form.submit", 1);
  await page.goto(on.shop.url("/elsewhere"));
  await page.evaluate(() => globalThis.SR.event.trackCustomEvent("test.end"));
  await on.stored("test.end", 1);
  expect(await on.server.stored(on.site, "form.abandon")).toEqual([]);
});

test("a field in a part that is left alone is not even named", async () => {
  const page = await open();
  await page.fill("[name=private]", PLANTED.ignored);
  await page.fill("#first", "Ann");
  await page.focus("[name=private]");
  await page.goto(on.shop.url("/elsewhere"));
  const [params] = await left(1);
  expect(JSON.stringify(params)).not.toContain("private");
});

test("a virtual navigation that takes the form away leaves it; one that keeps it does not", async () => {
  const page = await open();
  await page.fill("#first", "Ann");
  await page.evaluate(() => history.pushState(null, "", "/order/step-2"));
  await page.waitForTimeout(1200);
  await page.evaluate(() => {
    history.pushState(null, "", "/done");
    setTimeout(() => document.forms[0]?.remove(), 100);
  });
  const params = await left(1);
  expect(params).toHaveLength(1);
  expect(String(params[0]?.url)).toMatch(/\/order$/);
});

test.runIf(WHOLE)("hiding the tab leaves nothing: the person may come back and submit", async () => {
  const page = await open();
  await page.fill("[name=email]", "ann@shop.example");
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    Reflect.deleteProperty(document, "visibilityState");
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.click("#go");
  await on.stored("form.submit", 1);
  expect(await on.server.stored(on.site, "form.abandon")).toEqual([]);
});
