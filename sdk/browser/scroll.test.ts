/** Scroll depth, as the real server stored it. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { shown, some } from "./acts.js";
import { pause } from "./collector.js";
import { served } from "./served.js";

const on = served();
const LONG = `<div style="height:4000px"></div>`;
const depths = async (page: Page) => (await some(on, page, "scroll.depth")).map((one) => one.params.percent);
const to = async (page: Page, top: number) => {
  await page.evaluate((y) => scrollTo(0, y), top);
  await pause(500);
};

test("each quarter is told once, when it is reached; those jumped over are not", async () => {
  const page = await shown(on, LONG);
  expect(await depths(page)).toEqual([]);
  await to(page, 600);
  await to(page, 0);
  await to(page, 1_000);
  await to(page, 99_999);
  await to(page, 2_000);
  const found = await some(on, page, "scroll.depth");
  expect(found.map((one) => one.params.percent)).toEqual([25, 100]);
  expect(found.at(-1)?.label).toBe("Scrolled to 100 %");
  expect(found.at(-1)?.params).toEqual({ percent: 100, url: on.shop.url("/page"), title: "Title of /page" });
});

test("with the wheel, by a visitor", async () => {
  const page = await shown(on, LONG);
  await page.mouse.wheel(0, 1_600);
  await pause(600);
  expect((await depths(page)).at(-1)).toBe(50);
});

test("a page that fits the screen has no depth; nor has a small box in it", async () => {
  const page = await shown(
    on,
    `<div id="box" style="height:100px;width:100px;overflow:auto">${LONG}</div><p>short</p>`,
  );
  await page.evaluate(() => document.querySelector("#box")?.scrollTo(0, 2_000));
  await pause(500);
  expect(await depths(page)).toEqual([]);
});

test("an application that scrolls inside an element is followed there", async () => {
  const page = await shown(on, `<main style="position:fixed;inset:0;overflow:auto">${LONG}</main>`);
  await page.evaluate(() => document.querySelector("main")?.scrollTo(0, 2_000));
  await pause(500);
  expect((await depths(page)).at(-1)).toBe(50);
});

test("each virtual page has its own depth", async () => {
  const page = await shown(on, LONG);
  await to(page, 99_999);
  await page.evaluate(() => history.pushState(null, "", "/second"));
  await to(page, 0);
  await to(page, 99_999);
  const found = (await some(on, page, "scroll.depth")).map(({ params }) => [
    new URL(String(params.url)).pathname,
    params.percent,
  ]);
  expect(found.filter(([, percent]) => percent === 100)).toEqual([
    ["/page", 100],
    ["/second", 100],
  ]);
});

test("it can be switched off", async () => {
  await on.configure({ sdk_scroll: false });
  const page = await shown(on, LONG);
  await to(page, 99_999);
  expect(await depths(page)).toEqual([]);
});
