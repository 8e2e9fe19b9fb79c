/** Views in tabs that are really hidden: a browser with nothing attached, and the real server. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Unattended, unattended, WHOLE } from "./chromium.js";
import { pause } from "./collector.js";
import { RealServer } from "./server.js";
import { Site, snippet } from "./site.js";

const server = new RealServer();
const shop = new Site();
let browser: Unattended;

beforeAll(async () => {
  [browser] = await Promise.all([unattended(), server.open(), shop.open()]);
}, 60_000);
afterAll(async () => {
  await browser.quit();
  await Promise.all([shop.close(), server.close()]);
  server.remove();
});

test.runIf(WHOLE)("a banner in a tab that another one covers is seen when the tab is shown again", async () => {
  const site = await server.addSite();
  shop.head = snippet(`${server.origin}/s/${site.key}.js`);
  shop.pages["/behind"] = `<div style="width:200px;height:100px"></div><script>
    document.addEventListener("visibilitychange", () => document.querySelector("div").setAttribute("data-track", "banner"));
  </script>`;
  const behind = await browser.open(shop.url("/behind"));
  await server.until(site, "page.visit", 1);
  const front = await browser.open(shop.url("/plain"));
  await pause(2_500);
  expect(await server.stored(site, "element.view")).toEqual([]);
  const shownAfter = Date.now();
  await browser.show(behind);
  const [view] = await server.until(site, "element.view", 1);
  expect(view?.time).toBeGreaterThanOrEqual(shownAfter + 900);
  await browser.close(front);
});
