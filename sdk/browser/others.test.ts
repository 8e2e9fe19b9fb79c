/**
 * Delivery and visits in Firefox and WebKit, where they are installed (apt: firefox-esr; webkit2gtk-driver and xvfb).
 * Each test asks the real server what it stored.
 */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "./collector.js";
import { OTHERS, type OtherBrowser } from "./others.js";
import { Door, RealServer, type StoredSite } from "./server.js";
import { Site, snippet } from "./site.js";

for (const { name, missing } of OTHERS) if (missing) console.warn(`not tested in ${name}: ${missing}`);

describe.each(OTHERS.filter(({ missing }) => !missing))("$name", ({ name, start }) => {
  const server = new RealServer();
  let browser: OtherBrowser;
  let door: Door;
  let shop: Site;
  let site: StoredSite;
  const opened: string[] = [];

  beforeAll(async () => {
    [browser] = await Promise.all([start(), server.open()]);
    console.info(`${name} ${browser.version}`);
  }, 90_000);
  beforeEach(async () => {
    door = new Door(server);
    shop = new Site();
    await Promise.all([door.open(), shop.open()]);
    site = await server.addSite();
    shop.head = snippet(`${door.origin}/s/${site.key}.js`);
  });
  afterEach(async () => {
    for (const tab of opened.splice(0)) await browser.close(tab).catch(() => undefined);
    await shop.close();
    await door.close();
  });
  afterAll(async () => {
    await browser?.quit();
    await server.close();
    server.remove();
  }, 60_000);

  // A host of its own for each test: cookies and storage of a name are shared by all ports.
  let hosts = 0;
  const visit = async (path: string, host = `t${++hosts}.localhost`) => {
    const tab = await browser.open(shop.url(path, host));
    opened.push(tab);
    return { tab, host };
  };
  const paths = async (count: number) =>
    (await server.until(site, "page.visit", count)).map((event) => new URL(String(event.params.url)).pathname);
  const track = (tab: string, action: string) =>
    browser.ask<{ status: string }>(tab, `SR.event.trackCustomEvent(${JSON.stringify(action)}, {n: 1})`);

  test("a visit and an own event are stored, in order", async () => {
    const { tab } = await visit("/shoes");
    expect(await track(tab, "product.buy")).toMatchObject({ status: "stored" });
    const [bought] = await server.until(site, "product.buy", 1);
    const [seen] = await server.until(site, "page.visit", 1);
    expect(seen?.params.title).toBe("Title of /shoes");
    expect([seen?.session, seen?.uuid]).toEqual([bought?.session, bought?.uuid]);
    expect(Number(seen?.seq)).toBeLessThan(Number(bought?.seq));
  });

  test.each([1, 60])("a visitor who leaves %i ms after the script has loaded is counted", async (ms) => {
    shop.pages["/brief"] =
      `<script>document.querySelector("script[src*='/s/']").onload=()=>setTimeout(()=>{location.href="/plain"},${ms})</script>`;
    await visit("/brief");
    expect(await paths(1)).toEqual(["/brief"]);
  });

  test("what a refusing collector missed comes with the next page, once", async () => {
    door.misdeed = () => ({ kind: "refuse" });
    const { tab, host } = await visit("/one");
    expect(await track(tab, "order.paid")).toMatchObject({ status: "queued" });
    door.misdeed = () => undefined;
    await browser.go(tab, shop.url("/two", host));
    await server.until(site, "order.paid", 1);
    expect(await paths(2)).toEqual(["/one", "/two"]);
    await track(tab, "test.mark");
    await server.until(site, "test.mark", 1);
    expect(await server.stored(site, "order.paid")).toHaveLength(1);
  });

  test("a closed tab's events are taken over by the next page", async () => {
    door.misdeed = () => ({ kind: "refuse" });
    const { tab, host } = await visit("/closing");
    await track(tab, "left.behind");
    await browser.close(opened.pop() ?? tab);
    door.misdeed = () => undefined;
    await visit("/later", host);
    await server.until(site, "left.behind", 1, 45_000);
    expect((await paths(2)).sort()).toEqual(["/closing", "/later"]);
  }, 60_000);

  test("what the server stored before the connection was cut counts once", async () => {
    let cuts = 0;
    door.misdeed = () => (cuts++ ? undefined : { kind: "cut" });
    const { tab } = await visit("/cut");
    await track(tab, "order.paid");
    await server.until(site, "order.paid", 1);
    expect(await paths(1)).toEqual(["/cut"]);
    expect(await server.stored(site, "order.paid")).toHaveLength(1);
  });

  test("a single-page sequence counts pages, not signals, and waits for the title", async () => {
    const { tab } = await visit("/start");
    await browser.ask(
      tab,
      `(async () => {
        history.pushState({}, "", "/a");
        setTimeout(() => { document.title = "T1" }, 50);
        await new Promise((done) => setTimeout(done, 400));
        history.pushState({}, "", "/a");
        history.replaceState({}, "", "/a?x=1");
        location.hash = "z";
        await new Promise((done) => setTimeout(done, 400));
        history.back();
        await new Promise((done) => setTimeout(done, 400));
        await SR.event.flush();
        return true;
      })()`,
    );
    expect(await paths(2)).toEqual(["/start", "/a"]);
    expect((await server.stored(site, "page.visit"))[1]?.params.title).toBe("T1");
  });

  test("consent that was withdrawn on another page holds on the one that the back button brings back", async () => {
    const { tab, host } = await visit("/first");
    await server.until(site, "page.visit", 1);
    await browser.go(tab, shop.url("/second", host));
    await server.until(site, "page.visit", 2);
    await browser.ask(tab, "(SR.consent.deny(), setTimeout(() => history.back(), 50), true)");
    await until(
      async () => (await browser.ask(tab, "location.pathname").catch(() => "")) === "/first",
      () => "the first page",
    );
    expect(await track(tab, "too.late")).toMatchObject({ status: "rejected" });
    expect(await browser.ask(tab, "SR.consent.status()")).toBe("denied");
  });

  test("coming back with the back button is a visit, whether the page was kept or loaded again", async () => {
    const { tab, host } = await visit("/first");
    await paths(1);
    await browser.go(tab, shop.url("/plain", host));
    await browser.ask(tab, `(setTimeout(() => history.back(), 50), true)`);
    expect(await paths(2)).toEqual(["/first", "/first"]);
  });
});

test("the browsers that were found are named", () => {
  expect(OTHERS.map(({ name }) => name)).toEqual(["Firefox", "WebKit"]);
});
