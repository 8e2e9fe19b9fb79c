/** What several test files do to a page, or ask of the server about it. */

import type { Page } from "playwright-core";
import type { ServedStage } from "./served.js";
import type { Stored } from "./server.js";

/** Pages whose clock stands still but for what a test lets pass. */
const stopped = new WeakSet<Page>();
/** Time enough for what waits to be sent. */
const SENT_MS = 300;

/** Everything stored of what the page has recorded until now. */
export async function all(on: ServedStage, page: Page): Promise<Stored[]> {
  const nth = (await on.server.stored(on.site, "test.done")).length + 1;
  await page.evaluate(() => void globalThis.SR.event.trackCustomEvent("test.done"));
  if (stopped.has(page)) await page.clock.runFor(SENT_MS);
  await on.stored("test.done", nth);
  return on.server.stored(on.site);
}

/** Those of one action. */
export const some = async (on: ServedStage, page: Page, action: string): Promise<Stored[]> =>
  (await all(on, page)).filter((event) => event.action === action);

/** Makes the page believe that it is hidden, or shown again: a tab that a tool is attached to never is. */
export const turn = (page: Page, state: "hidden" | "visible"): Promise<void> =>
  page.evaluate((now) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => now });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, state);

/** Opens a page whose clock the test moves. */
export async function timed(on: ServedStage, path: string): Promise<Page> {
  const page = await on.context.newPage();
  await page.clock.install();
  await page.goto(on.shop.url(path));
  await ready(page);
  await page.clock.pauseAt(Date.now() + 2_000);
  stopped.add(page);
  return page;
}

/** Waits until the SDK runs, and its parts have looked at the page. */
export async function ready(page: Page): Promise<void> {
  await page.evaluate(() => globalThis.SR.init());
}

/** Opens a page with this body. */
export async function shown(on: ServedStage, body: string, path = "/page"): Promise<Page> {
  on.shop.pages[path] = body;
  const page = await on.visit(path);
  await ready(page);
  return page;
}
