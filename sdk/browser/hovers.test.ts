/** Hovers: how long a mouse rested on a tagged element, as the real server stored it. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { all, ready, shown, some, timed, turn } from "./acts.js";
import { pause } from "./collector.js";
import { served } from "./served.js";

const on = served();
const BANNER = `<div data-track="banner" style="width:300px;height:200px;position:relative">
  <p style="height:50px">words</p><img alt="" style="width:300px;height:50px"></div>`;
const AWAY: [number, number] = [700, 500];

const hovers = async (page: Page) =>
  (await some(on, page, "element.hover")).map(({ params }) => [
    params.element,
    Math.round(Number(params.duration) / 100),
  ]);

test("a hover is told when the pointer leaves, with its seconds in the label", async () => {
  const page = await shown(on, BANNER, "/shop");
  await page.mouse.move(100, 100);
  await pause(1_200);
  await page.mouse.move(...AWAY);
  const [hover] = await on.stored("element.hover", 1);
  expect(hover?.params).toEqual({
    element: "banner",
    duration: expect.any(Number),
    url: on.shop.url("/shop"),
    title: "Title of /shop",
  });
  const duration = Number(hover?.params.duration);
  expect(duration).toBeGreaterThanOrEqual(1_150);
  expect(hover?.label).toBe(`Hovered over banner for ${(duration / 1000).toFixed(1)} s`);
});

test("crossing the element's children does not end it; passing by is none", async () => {
  const page = await timed(on, pageWith(`${BANNER}<div data-track="quick" style="width:99px;height:99px"></div>`));
  await page.mouse.move(100, 30);
  for (const y of [60, 90, 120, 60]) {
    await page.clock.runFor(500);
    await page.mouse.move(100, y);
  }
  await page.mouse.move(50, 250);
  await page.clock.runFor(200);
  await page.mouse.move(...AWAY);
  expect(await hovers(page)).toEqual([["banner", 20]]);
});

test("a tagged element inside another has hovers of its own", async () => {
  const page = await timed(
    on,
    pageWith(`<div data-track="outer" style="width:300px;height:200px">
      <button data-track="inner" style="width:100px;height:100px">x</button></div>`),
  );
  await page.mouse.move(250, 50);
  await page.clock.runFor(1_000);
  await page.mouse.move(50, 50);
  await page.clock.runFor(2_000);
  await page.mouse.move(...AWAY);
  expect(await hovers(page)).toEqual([
    ["outer", 10],
    ["inner", 20],
  ]);
});

test("an open shadow root is one element with its host's tag; leaving the window ends it", async () => {
  const page = await timed(
    on,
    pageWith(`<x-box data-track="host" style="display:block;width:200px;height:200px"></x-box><script>
      document.querySelector("x-box").attachShadow({ mode: "open" }).innerHTML =
        '<p style="height:80px">a</p><p data-track="part" style="height:80px;margin:0">b</p>';
    </script>`),
  );
  await page.mouse.move(50, 40);
  await page.clock.runFor(1_000);
  await page.mouse.move(50, 150);
  await page.clock.runFor(1_000);
  await page.mouse.move(-10, -10);
  expect(await hovers(page)).toEqual([
    ["host", 10],
    ["part", 10],
  ]);
});

test("time in a hidden tab is not counted, and what was counted is told at once", async () => {
  const page = await timed(on, pageWith(BANNER));
  await page.mouse.move(100, 100);
  await page.clock.runFor(2_000);
  await turn(page, "hidden");
  expect(await hovers(page)).toEqual([["banner", 20]]);
  await page.clock.runFor(10_000);
  await turn(page, "visible");
  await page.clock.runFor(3_000);
  await page.mouse.move(...AWAY);
  expect(await hovers(page)).toEqual([
    ["banner", 20],
    ["banner", 30],
  ]);
});

test("time in which the window has lost the focus is not counted; a frame of the page may have it", async () => {
  const page = await timed(on, pageWith(`${BANNER}<iframe srcdoc="<input>"></iframe>`));
  await page.mouse.move(100, 100);
  await page.clock.runFor(1_000);
  await page.frameLocator("iframe").locator("input").focus();
  await page.clock.runFor(1_000);
  await page.evaluate(() => {
    document.hasFocus = () => false;
    dispatchEvent(new FocusEvent("blur"));
  });
  await page.clock.runFor(5_000);
  await page.mouse.move(...AWAY);
  expect(await hovers(page)).toEqual([["banner", 20]]);
});

test("a parked pointer counts for 60 s and no more, and is told then", async () => {
  const page = await timed(on, pageWith(BANNER));
  await all(on, page);
  await page.mouse.move(100, 100);
  await page.clock.runFor(61_000);
  expect(await hovers(page)).toEqual([["banner", 600]]);
  await page.mouse.move(100, 30);
  await page.clock.runFor(30_000);
  await page.mouse.move(...AWAY);
  expect(await hovers(page)).toEqual([["banner", 600]]);
  await page.mouse.move(100, 100);
  await page.clock.runFor(1_000);
  await page.mouse.move(...AWAY);
  expect((await hovers(page)).at(-1)).toEqual(["banner", 10]);
});

test("an element that is removed ends its hover, though no pointer event says so", async () => {
  const page = await timed(on, pageWith(BANNER));
  await page.mouse.move(100, 100);
  await page.clock.runFor(1_500);
  await page.evaluate(() => document.querySelector("[data-track]")?.remove());
  await page.clock.runFor(5_000);
  expect(await hovers(page)).toEqual([["banner", 15]]);
});

test("a carousel under a still pointer has a hover for each of its names", async () => {
  const page = await timed(on, pageWith(BANNER));
  await page.mouse.move(100, 100);
  await page.clock.runFor(1_000);
  await page.evaluate(() => document.querySelector("[data-track]")?.setAttribute("data-track", "second"));
  await page.clock.runFor(2_000);
  await page.mouse.move(...AWAY);
  expect(await hovers(page)).toEqual([
    ["banner", 10],
    ["second", 20],
  ]);
});

test("leaving the page ends it, on the page it was on", async () => {
  const page = await shown(on, BANNER);
  await page.mouse.move(100, 100);
  await pause(600);
  await page.goto(on.shop.url("/next"));
  const [hover] = await on.stored("element.hover", 1);
  expect(hover?.params).toMatchObject({ element: "banner", url: on.shop.url("/page") });
});

test("a virtual navigation ends it, on the page it was on, before the next visit", async () => {
  const page = await shown(on, BANNER);
  await page.mouse.move(100, 100);
  await pause(600);
  await page.evaluate(() => {
    history.pushState(null, "", "/virtual");
    document.title = "Virtual";
  });
  await pause(700);
  await page.mouse.move(...AWAY);
  const found = await some(on, page, "element.hover");
  expect(found.map(({ params }) => [new URL(String(params.url)).pathname, params.title])).toEqual([
    ["/page", "Title of /page"],
    ["/virtual", expect.any(String)],
  ]);
  const [, second] = await on.stored("page.visit", 2);
  expect(found[0]?.seq).toBeLessThan(second?.seq ?? 0);
});

test("scrolling the element from under a still pointer ends it", async () => {
  const page = await shown(on, `${BANNER}<div style="height:4000px"></div>`);
  await page.mouse.move(100, 100);
  await pause(600);
  await page.mouse.wheel(0, 1_500);
  const [hover] = await on.stored("element.hover", 1);
  expect(hover?.params.element).toBe("banner");
});

test("touches and pens do not hover; what is ignored is not told", async () => {
  on.shop.pages["/touch"] = `${BANNER}<div data-track-ignore><b data-track="secret" style="display:block">x</b></div>`;
  const context = await on.context.browser()?.newContext({ hasTouch: true });
  const page = (await context?.newPage()) as Page;
  await page.goto(on.shop.url("/touch"));
  await ready(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: 100, y: 100 }] });
  await pause(700);
  await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await cdp.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: 100, y: 60, pointerType: "pen" });
  await pause(500);
  await cdp.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: 700, y: 500, pointerType: "pen" });
  await page.hover("b");
  await pause(400);
  await page.mouse.move(...AWAY);
  expect(await hovers(page)).toEqual([]);
  await context?.close();
});

/** Puts a page of this body on the site; answers its path. */
function pageWith(body: string): string {
  on.shop.pages["/page"] = body;
  return "/page";
}
