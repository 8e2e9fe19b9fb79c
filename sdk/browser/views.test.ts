/** Views: what was on screen long enough, by the rule of the Media Rating Council, as the real server stored it. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { all, ready, shown, some, turn } from "./acts.js";
import { pause } from "./collector.js";
import { served } from "./served.js";

const on = served();
const seen = async (page: Page) => (await some(on, page, "element.view")).map((view) => view.params.element);
/** A second on screen, and the time to notice it. */
const LONG = 1_400;
const box = (name: string, style = "width:200px;height:100px") => `<div data-track="${name}" style="${style}"></div>`;
const GAP = `<div style="height:3000px"></div>`;

test("an element is seen once it has been on screen for a second, and then once", async () => {
  const page = await shown(on, box("banner") + GAP);
  await on.stored("element.view", 1);
  await page.mouse.wheel(0, 2000);
  await pause(200);
  await page.mouse.wheel(0, -2000);
  await pause(LONG);
  const [view, ...more] = await some(on, page, "element.view");
  expect(more).toEqual([]);
  expect(view?.label).toBe("Saw banner");
  expect(view?.params).toEqual({ element: "banner", url: on.shop.url("/page"), title: "Title of /page" });
  const [visit] = await on.stored("page.visit", 1);
  expect((view?.time ?? 0) - (visit?.time ?? 0)).toBeGreaterThanOrEqual(1_000);
});

test("less than half of it, or less than a second without a break, is no view", async () => {
  const page = await shown(
    on,
    `<div style="height:150px;overflow:hidden">${box("half", "width:200px;height:310px")}</div>
     <div id="flash">${box("flash")}</div>
     <script>setInterval(() => { flash.hidden = !flash.hidden }, 600)</script>`,
  );
  await pause(3_000);
  expect(await seen(page)).toEqual([]);
});

test("three tenths of a large element are enough", async () => {
  const clip = (inside: string) => `<div style="height:200px;overflow:hidden">${inside}</div>`;
  const page = await shown(
    on,
    clip(box("large", "width:500px;height:500px")) + clip(box("not-large", "width:480px;height:500px")),
  );
  await pause(LONG);
  expect(await seen(page)).toEqual(["large"]);
});

test("elements longer or wider than the screen are judged by what can be on screen at once", async () => {
  const page = await shown(
    on,
    `${box("tall", "width:300px;height:5000px")}<div style="overflow:hidden">${box("wide", "width:9000px;height:50px")}</div>
     ${box("endless", "width:1000px;height:300000px")}`,
  );
  await pause(LONG);
  expect(await seen(page)).toEqual(["tall"]);
  await page.evaluate(() => document.querySelector("[data-track=wide]")?.scrollIntoView());
  await pause(LONG);
  expect((await seen(page)).sort()).toEqual(["endless", "tall", "wide"]);
});

test("what cannot be seen is no view until it can: no size, hidden, transparent", async () => {
  const page = await shown(
    on,
    `${box("empty", "width:0;height:0")}${box("none", "display:none")}
     ${box("unseen", "width:99px;height:99px;visibility:hidden")}
     <div style="opacity:0">${box("faded", "width:99px;height:99px")}</div>`,
  );
  await pause(LONG);
  expect(await seen(page)).toEqual([]);
  await page.evaluate(() => {
    for (const element of document.querySelectorAll("div")) element.style.cssText = "width:99px;height:99px";
  });
  await pause(2 * LONG);
  expect((await seen(page)).sort()).toEqual(["empty", "faded", "none", "unseen"]);
});

test("elements that come later are seen, one by one or deep in what is added, in shadow roots too", async () => {
  const page = await shown(on, `<main></main>`);
  await page.evaluate((inside) => {
    const main = document.querySelector("main") as HTMLElement;
    main.innerHTML = `<section><article>${inside}</article></section><x-late></x-late>`;
    const root = main.querySelector("x-late")?.attachShadow({ mode: "open" });
    setTimeout(() => {
      if (root) root.innerHTML = `<div data-track="in-shadow" style="width:50px;height:50px"></div>`;
    }, 100);
    setTimeout(() => main.querySelector("article")?.setAttribute("data-track", "tagged-late"), 200);
  }, box("added"));
  await pause(LONG + 300);
  expect((await seen(page)).sort()).toEqual(["added", "in-shadow", "tagged-late"]);
});

test("a carousel that changes the name on the same element shows each of its pictures once", async () => {
  const page = await shown(
    on,
    `<div data-track="slide-1" style="width:200px;height:100px"></div><script>
      let nth = 1;
      setInterval(() => document.querySelector("div").setAttribute("data-track", "slide-" + (++nth % 3 + 1)), 1300);
    </script>`,
  );
  await pause(6_000);
  expect((await seen(page)).sort()).toEqual(["slide-1", "slide-2", "slide-3"]);
});

test("data-track-ignore leaves out its subtree", async () => {
  const page = await shown(on, `<div data-track-ignore>${box("secret")}</div>${box("open")}`);
  await pause(LONG);
  expect(await seen(page)).toEqual(["open"]);
});

test("time in a hidden tab does not count", async () => {
  const page = await shown(on, box("banner"));
  await pause(300);
  await turn(page, "hidden");
  await pause(2_000);
  expect(await seen(page)).toEqual([]);
  await turn(page, "visible");
  await pause(LONG);
  expect(await seen(page)).toEqual(["banner"]);
});

test("a virtual page begins anew, also for what stays on screen", async () => {
  const page = await shown(on, box("header"));
  await on.stored("element.view", 1);
  await page.evaluate(() => history.pushState(null, "", "/second"));
  await on.stored("element.view", 2);
  const urls = (await some(on, page, "element.view")).map((view) => new URL(String(view.params.url)).pathname);
  expect(urls).toEqual(["/page", "/second"]);
});

test("a page out of the back/forward cache begins anew", async () => {
  const page = await shown(on, box("banner"));
  await on.stored("element.view", 1);
  await page.goto(on.shop.url("/next"));
  await ready(page);
  await page.evaluate(() => history.back());
  await on.stored("element.view", 2);
  const visits = await on.server.stored(on.site, "page.visit");
  expect(visits.at(-1)?.params.referrer_type).toBe("bfcache");
});

test("no more than 200 views and hovers of a page visit are told", async () => {
  const page = await shown(
    on,
    Array.from({ length: 230 }, (_, n) => box(`n${n}`, "width:9px;height:9px;float:left")).join(""),
  );
  await on.stored("element.view", 200);
  await pause(LONG);
  expect(await seen(page)).toHaveLength(200);
  expect((await all(on, page)).filter(({ action }) => action === "page.visit")).toHaveLength(1);
});
