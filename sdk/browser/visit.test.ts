/** page.visit in a real browser: one per arrival, none for a page nobody saw. */

import { expect, test } from "vitest";
import { WHOLE } from "./chromium.js";
import { pause } from "./collector.js";
import { stage } from "./stage.js";

const on = stage();
const paths = (name = "pathname") =>
  on.collector.stored("page.visit").map((event) => new URL(String(event.params.url))[name as "pathname"]);

test("a page load is a session.start and a page.visit, in that order", async () => {
  await on.visit("/home?utm_source=news&utm_medium=mail&x=1");
  const [visit] = await on.collector.until("page.visit", 1);
  expect(on.collector.stored().map((event) => event.action)).toEqual(["session.start", "page.visit"]);
  expect(visit?.params).toMatchObject({ title: "Title of /home", utm_source: "news", utm_medium: "mail" });
  expect(visit?.params).toMatchObject({ width: expect.any(Number), height: expect.any(Number), referrer: "" });
  expect(visit?.label).toBeUndefined();
  expect(on.collector.stored().map((event) => event.seq)).toEqual([1, 2]);
});

test("calls made before the SDK arrives keep their time and page, after the visit they belong to", async () => {
  on.site.delayMs = 300;
  on.site.pages["/early"] =
    `<script>SR.event.trackCustomEvent("early.bird",{n:1},"Early").then(v=>{window.verdict=v});document.title="Changed"</script>`;
  const page = await on.visit("/early");
  const [early] = await on.collector.until("early.bird", 1);
  expect(on.collector.stored().map((event) => event.action)).toEqual(["session.start", "page.visit", "early.bird"]);
  expect(early).toMatchObject({ label: "Early", params: { n: 1, title: "Title of /early" } });
  expect(Number(early?.time)).toBeLessThan(Number(on.collector.arrivals[0]?.at) - 200);
  await page.waitForFunction(() => "verdict" in window);
  expect(await page.evaluate(() => (window as unknown as { verdict: object }).verdict)).toMatchObject({
    status: "stored",
    id: early?.id,
  });
});

test("an SPA sequence counts pages, not signals", async () => {
  const page = await on.visit("/start");
  await on.collector.until("page.visit", 1);
  await page.evaluate(async () => {
    const step = () => new Promise((done) => setTimeout(done, 350));
    history.pushState({}, "", "/a");
    await step();
    history.pushState({}, "", "/a");
    history.replaceState({}, "", "/a?x=1");
    location.hash = "z";
    await step();
    history.back();
    await step();
    await SR.event.flush();
  });
  expect(paths()).toEqual(["/start", "/a"]);
  const [first, second] = on.collector.stored("page.visit");
  expect(second?.params).toMatchObject({ referrer: first?.params.url, referrer_type: "spa" });
});

test("without the Navigation API the patched history says the same", async () => {
  await on.context.addInitScript("Object.defineProperty(window,'navigation',{value:undefined})");
  const page = await on.visit("/start");
  await page.evaluate(async () => {
    history.pushState({}, "", "/a");
    history.pushState({}, "", "/a");
    location.hash = "#/cart";
    await new Promise((done) => setTimeout(done, 350));
    history.back();
    await new Promise((done) => setTimeout(done, 350));
    await SR.event.flush();
  });
  expect(paths("href")).toEqual(["/start", "/a", "/a#/cart", "/a"].map((path) => on.site.url(path)));
});

test("a virtual visit has the title that is set a little later", async () => {
  const page = await on.visit("/start");
  await page.evaluate(async () => {
    history.pushState({}, "", "/late");
    setTimeout(() => {
      document.title = "Late title";
    }, 50);
  });
  const visits = await on.collector.until("page.visit", 2);
  expect(visits[1]?.params.title).toBe("Late title");
});

test("an event right after a navigation comes after its visit", async () => {
  const page = await on.visit("/start");
  await page.evaluate(() => {
    history.pushState({}, "", "/next");
    SR.event.trackCustomEvent("button.press");
  });
  await on.collector.until("button.press", 1);
  const actions = on.collector.stored().map((event) => event.action);
  expect(actions).toEqual(["session.start", "page.visit", "page.visit", "button.press"]);
});

test("pageVisit joins the automatic visit of its navigation and adds its params", async () => {
  const page = await on.visit("/start");
  const verdicts = await page.evaluate(async () => {
    const first = await SR.event.pageVisit();
    history.pushState({}, "", "/product");
    const second = await SR.event.pageVisit({ category: "shoes" });
    return [first, second];
  });
  const visits = on.collector.stored("page.visit");
  expect(visits.map((event) => event.id)).toEqual(verdicts.map((verdict) => verdict.id));
  expect(visits[1]?.params).toMatchObject({ category: "shoes", referrer_type: "spa" });
});

test("with automatic visits off, pageVisit is the only source", async () => {
  on.site.config.features = { page_visit: false };
  const page = await on.visit("/start");
  await page.evaluate(async () => {
    history.pushState({}, "", "/a");
    await SR.event.pageVisit({ step: 1 });
    await SR.event.pageVisit({ step: 2 });
  });
  expect(paths()).toEqual(["/a", "/a"]);
});

test.runIf(WHOLE)("coming back through the back/forward cache is a new visit", async () => {
  const page = await on.visit("/first");
  await on.collector.until("page.visit", 1);
  await page.evaluate(() => {
    (window as { marker?: boolean }).marker = true;
  });
  await page.goto(on.site.url("/plain"));
  await page.evaluate(() => history.back());
  const visits = await on.collector.until("page.visit", 2);
  expect(await page.evaluate(() => (window as { marker?: boolean }).marker)).toBe(true);
  expect(visits[1]?.params).toMatchObject({ referrer_type: "bfcache", title: "Title of /first" });
  await pause(500);
  expect(on.collector.stored("page.visit")).toHaveLength(2);
});
