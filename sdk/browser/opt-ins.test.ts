/** What a site opts into: script errors and web vitals, loaded when asked for, each from a file of its own. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { WHOLE } from "./chromium.js";
import { until } from "./collector.js";
import { PLANTED } from "./secrets.js";
import { served } from "./served.js";

const on = served();

/** Opens a page and waits until the file for errors has arrived and begun. */
async function watched(html = "", head = ""): Promise<Page> {
  await on.configure({ sdk_errors: true });
  on.shop.head = head + on.shop.head;
  on.shop.pages["/page"] = html;
  const page = await on.context.newPage();
  const loaded = page.waitForResponse(/\/s\/errors-/);
  await page.goto(on.shop.url("/page"));
  await (await loaded).finished();
  await page.waitForTimeout(100);
  return page;
}

const end = async (page: Page) => {
  await page.evaluate(() => globalThis.SR.event.trackCustomEvent("test.end"));
  await on.stored("test.end", 1);
};

test("without the settings no file but the SDK's own is loaded", async () => {
  const page = await on.context.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(on.shop.url("/page"));
  await page.evaluate(() => globalThis.SR.event.flush());
  await page.waitForTimeout(500);
  expect(asked.filter((path) => path.startsWith("/s/"))).toEqual([`/s/${on.site.key}.js`]);
});

test("what a site opts into delays nothing: visit and events are recorded though its files never come", async () => {
  await on.configure({ sdk_errors: true, sdk_vitals: true, sdk_autocapture: true, sdk_frustration: true });
  await on.context.route(/\/s\/\w+-/, (route) => route.abort());
  const page = await on.visit("/page");
  await end(page);
  expect(await on.stored("page.visit", 1)).toHaveLength(1);
});

test("an error is stored with its type, message, stack and group", async () => {
  const page = await watched(`<button onclick="missing()">Press</button>`);
  await page.click("button");
  const [event] = await on.stored("error.javascript", 1);
  expect(event?.label).toBe("Script error: missing is not defined");
  expect(event?.params).toMatchObject({ type: "ReferenceError", kind: "error", count: 1, title: "Title of /page" });
  expect(event?.params.group).toMatch(/^[0-9a-f]{8}$/);
  expect(event?.params.source).toMatch(/\/page:\d+:\d+$/);
  expect(event?.params.stack).toContain("onclick");
});

test("an error from before the file had arrived, and a promise that nobody caught, are stored too", async () => {
  await on.context.route(/\/s\/errors-/, async (route) => {
    await new Promise((done) => setTimeout(done, 500));
    await route.continue();
  });
  await watched(
    `<script>SR.init().then(() => { setTimeout(() => { early() }); Promise.reject(new RangeError("too far")); });</script>`,
  );
  const found = await on.stored("error.javascript", 2);
  expect(found.map(({ params }) => [params.kind, params.type]).sort()).toEqual([
    ["error", "ReferenceError"],
    ["rejection", "RangeError"],
  ]);
});

test("the same error again is counted, not sent each time, and no more than ten kinds are sent", async () => {
  const page = await watched();
  await page.evaluate(() => {
    for (let at = 0; at < 30; at++)
      setTimeout(() => {
        throw new Error(`item ${at} is missing`);
      });
    for (let at = 0; at < 20; at++)
      setTimeout(() => {
        throw new Error(`kind ${"x".repeat(at)} is missing`);
      });
  });
  await page.waitForTimeout(300);
  await page.goto(on.shop.url("/elsewhere"));
  await end(page);
  const found = (await on.server.stored(on.site, "error.javascript")).map((one) => one.params);
  expect(new Set(found.map((one) => one.group)).size).toBe(10);
  const items = found.filter((one) => String(one.message).startsWith("item"));
  expect(items.map((one) => one.count)).toEqual([1, 29]);
  expect(new Set(items.map((one) => one.group)).size).toBe(1);
});

test("no secret in a message or an address gets out", async () => {
  on.shop.texts["/plain/app.js"] = "setTimeout(function named() { undefinedThing() })";
  const page = await watched();
  await page.evaluate(
    ([token, mail, card]) => {
      const script = document.createElement("script");
      script.src = `/plain/app.js?token=${token}`;
      document.head.append(script);
      setTimeout(() => {
        throw new Error(`no ${mail} with ${token}, ${card}, see /api?key=${token}`);
      });
    },
    [PLANTED.errorToken, PLANTED.errorMail, PLANTED.card],
  );
  const found = await on.stored("error.javascript", 2);
  expect(found.map((one) => one.params.message).sort()).toEqual([
    "no [email] with [token], [number], see /api",
    "undefinedThing is not defined",
  ]);
  expect(found.map((one) => one.params.source).join()).toMatch(/\/plain\/app\.js:1:\d+/);
});

test("a script of another origin that says nothing is one group, and an image that is missing is none", async () => {
  const page = await watched(`<img src="http://localhost:1/none.png">`);
  await page.addScriptTag({ url: `http://127.0.0.1:${on.shop.port}/plain/other.js` }).catch(() => undefined);
  on.shop.texts["/plain/other.js"] = "throw new Error('kept from us')";
  await page.addScriptTag({ url: `http://127.0.0.1:${on.shop.port}/plain/other.js?2` });
  const found = await on.stored("error.javascript", 1);
  expect(found.map((one) => one.params.message)).toEqual(["Script error."]);
});

test("the SDK's own errors and extensions' are none of the site's", async () => {
  const page = await watched();
  await page.evaluate((key) => {
    const raise = (stack: string) => {
      const error = Object.assign(new Error("not yours"), { stack: `Error: not yours\n    at f (${stack}:1:2)` });
      dispatchEvent(new ErrorEvent("error", { error, message: error.message }));
    };
    raise(`https://a.example/s/${key}.js`);
    raise("chrome-extension://abcdef/content.js");
    raise("https://a.example/own.js");
  }, on.site.key);
  await end(page);
  const found = await on.server.stored(on.site, "error.javascript");
  expect(found.map((one) => one.params.source)).toEqual(["https://a.example/own.js:1:2"]);
});

const VITAL = `<h1>Large enough to be the largest thing here</h1><button onclick="for (const t = Date.now(); Date.now() - t < 60;);">Slow</button>`;

async function measured(): Promise<Page> {
  await on.configure({ sdk_vitals: true });
  on.shop.pages["/page"] = VITAL;
  const page = await on.context.newPage();
  const loaded = page.waitForResponse(/\/s\/vitals-/);
  await page.goto(on.shop.url("/page"));
  await (await loaded).finished();
  await page.waitForTimeout(300);
  await page.click("button");
  await page.waitForTimeout(300);
  return page;
}

test("the web vitals are stored once, when the page is left", async () => {
  const page = await measured();
  expect(await on.server.stored(on.site, "web.vital")).toEqual([]);
  await page.goto(on.shop.url("/elsewhere"));
  const found = await on.stored("web.vital", 5);
  expect(found.map((one) => one.params.name).sort()).toEqual(["CLS", "FCP", "INP", "LCP", "TTFB"]);
  for (const { params, label } of found) {
    expect(label).toBe(`Measured ${params.name}`);
    expect(params).toMatchObject({ navigation: "navigate", title: "Title of /page" });
    expect(["good", "needs-improvement", "poor"]).toContain(params.rating);
    expect(params.value).toBeGreaterThanOrEqual(params.name === "INP" ? 50 : 0);
  }
  await end(page);
  expect(await on.server.stored(on.site, "web.vital")).toHaveLength(5);
});

test.runIf(WHOLE)("a page that comes back from the back/forward cache is measured anew", async () => {
  const page = await measured();
  await page.goto(on.shop.url("/elsewhere"));
  await on.stored("web.vital", 5);
  await page.evaluate(() => history.back());
  await until(
    () => page.url().endsWith("/page"),
    () => "the first page",
  );
  await on.stored("page.visit", 3);
  await page.waitForTimeout(500);
  await page.goto(on.shop.url("/elsewhere"));
  await until(
    async () =>
      (await on.server.stored(on.site, "web.vital")).some((one) => one.params.navigation === "back-forward-cache"),
    () => "vitals of the restored page",
  );
});
