/** Page visits as the server stored them: one for each arrival, with the right address, title, referrer and campaign. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { settled } from "./say.js";
import { served } from "./served.js";

const on = served();

/** The visits stored once the page has sent everything: path with query and hash. */
async function visited(page: Page): Promise<string[]> {
  const all = await settled(on, page);
  return all
    .filter((event) => event.action === "page.visit")
    .map((event) => new URL(String(event.params.url)))
    .map((url) => url.pathname + url.search + url.hash);
}

const step = (page: Page) => page.waitForTimeout(350);

test("a single-page sequence counts pages, not signals: push, push again, replace with a query, hash, back", async () => {
  const page = await on.visit("/start");
  await page.evaluate(() => history.pushState({}, "", "/a"));
  await step(page);
  await page.evaluate(() => {
    history.pushState({}, "", "/a");
    history.replaceState({}, "", "/a?x=1");
    location.hash = "z";
  });
  await step(page);
  await page.evaluate(() => history.back());
  expect(await visited(page)).toEqual(["/start", "/a"]);
});

test("hash routers, changed queries and changed paths are pages; replaced queries and anchors are not", async () => {
  const page = await on.visit("/list");
  for (const to of ["#/cart", "#/pay", "#!old"]) {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, to);
    await step(page);
  }
  await page.evaluate(() => history.pushState({}, "", "/list?page=2"));
  await step(page);
  await page.evaluate(() => history.replaceState({}, "", "/list?page=3"));
  await page.evaluate(() => history.pushState({}, "", "/list?page=3&utm_source=x&gclid=1#anchor"));
  await step(page);
  await page.evaluate(() => history.replaceState({}, "", "/other"));
  expect(await visited(page)).toEqual(["/list", "/list#/cart", "/list#/pay", "/list#!old", "/list?page=2", "/other"]);
});

test("a chain of redirects is one visit of where it ends, and the landing keeps its campaign", async () => {
  on.shop.pages["/go"] = `<script>
    document.querySelector("script[src*='/s/']").onload = () => {
      history.replaceState({}, "", "/en");
      setTimeout(() => history.replaceState({}, "", "/en/home"), 10);
    }</script>`;
  const page = await on.visit("/go?utm_source=news&utm_medium=email");
  await page.waitForTimeout(300);
  await page.evaluate(() => {
    history.pushState({}, "", "/login");
    history.replaceState({}, "", "/account");
  });
  expect(await visited(page)).toEqual(["/en/home", "/account"]);
  const [landing] = await on.stored("page.visit", 2);
  expect(landing?.context).toMatchObject({ utm: { source: "news", medium: "email" }, channel: "email" });
});

test("effects that run twice, as React's StrictMode does, are one visit; so is a router that signals twice", async () => {
  const page = await on.visit("/start");
  await page.evaluate(() => {
    const effect = () => SR.event.pageVisit({ section: "shoes" });
    history.pushState({}, "", "/strict");
    effect();
    effect();
    history.replaceState({ scroll: 0 }, "", "/strict");
    history.pushState({}, "", "/router");
    history.replaceState({ key: 1 }, "", "/router");
  });
  await step(page);
  expect(await visited(page)).toEqual(["/start", "/strict", "/router"]);
  const visits = await on.stored("page.visit", 3);
  expect(visits[1]?.params.section).toBe("shoes");
});

test("pageVisit never doubles the automatic visit, early or late, and is one of its own where there is none", async () => {
  const page = await on.visit("/start");
  await page.evaluate(async () => {
    await SR.event.pageVisit();
    history.pushState({}, "", "/early");
    await SR.event.pageVisit();
    history.pushState({}, "", "/late");
    await new Promise((done) => setTimeout(done, 400));
    await SR.event.pageVisit();
    await SR.event.pageVisit({ step: 2 });
  });
  expect(await visited(page)).toEqual(["/start", "/early", "/late", "/late"]);
});

test("hydration that replaces the address with itself is no visit", async () => {
  on.shop.pages["/hydrated"] =
    `<script>for (const t of [0, 30, 120]) setTimeout(() => history.replaceState({}, "", location.href), t)</script>`;
  const page = await on.visit("/hydrated?q=1");
  await step(page);
  expect(await visited(page)).toEqual(["/hydrated?q=1"]);
});

test("a page that sets its first title late is visited under it", async () => {
  on.shop.pages["/untitled"] =
    `<title></title><script>document.querySelector("script[src*='/s/']").onload=()=>setTimeout(()=>{document.title="At last"},150)</script>`;
  await on.visit("/untitled");
  const [visit] = await on.stored("page.visit", 1);
  expect(visit?.params.title).toBe("At last");
});

test("the title that is set late is the page's, and the time is the navigation's", async () => {
  const page = await on.visit("/start");
  const at = await page.evaluate(() => {
    history.pushState({}, "", "/late");
    setTimeout(() => {
      document.title = "Late title";
    }, 120);
    return Date.now();
  });
  await step(page);
  await settled(on, page);
  const [first, late] = await on.stored("page.visit", 2);
  expect(late?.params).toMatchObject({ title: "Late title", referrer_type: "spa", referrer: first?.params.url });
  expect(late?.label).toBe("Visited page Late title");
  expect(Math.abs(Number(late?.time) - at)).toBeLessThan(60);
});

test("a campaign is told once: not by the pages after it that keep its parameters, nor by the way back", async () => {
  const page = await on.visit("/landing?utm_source=news&utm_medium=email");
  await page.evaluate(() => history.pushState({}, "", "/next?utm_source=news&utm_medium=email"));
  await step(page);
  await page.evaluate(() => history.pushState({}, "", "/plain-address"));
  await step(page);
  await page.evaluate(() => history.go(-2));
  await step(page);
  await page.evaluate(() => history.pushState({}, "", "/other?utm_source=partner"));
  await settled(on, page);
  const visits = await on.stored("page.visit", 5);
  expect(visits.map((visit) => (visit.context.utm as { source?: string }).source ?? "")).toEqual([
    "news",
    "",
    "",
    "",
    "partner",
  ]);
});

test("back from a payment on another site: the same session, whose source stays the first", async () => {
  const page = await on.visit("/landing?utm_source=news&utm_medium=email", "shop.test");
  await on.stored("page.visit", 1);
  on.shop.texts["/plain/pay"] = `<!doctype html><a id=back href="${on.shop.url("/thanks", "shop.test")}">back</a>`;
  await page.goto(on.shop.url("/plain/pay", "pay.test"));
  await page.click("#back");
  const [landing, thanks] = await on.stored("page.visit", 2);
  expect(thanks?.session).toBe(landing?.session);
  expect(thanks?.context).toMatchObject({ referrer_host: "pay.test", utm: {} });
  const starts = await on.server.stored(on.site, "session.start");
  expect(starts.map((start) => start.context)).toMatchObject([{ channel: "email", utm: { source: "news" } }]);
});

test("without the Navigation API the patched history counts the same", async () => {
  await on.context.addInitScript("Object.defineProperty(window,'navigation',{value:undefined})");
  const page = await on.visit("/start");
  await page.evaluate(() => {
    history.pushState({}, "", "/a");
    history.pushState({}, "", "/a");
    history.replaceState({}, "", "/a?x=1");
  });
  await step(page);
  await page.evaluate(() => {
    location.hash = "#/cart";
  });
  await step(page);
  await page.evaluate(() => history.back());
  await step(page);
  expect(await visited(page)).toEqual(["/start", "/a", "/a?x=1#/cart", "/a?x=1"]);
});
