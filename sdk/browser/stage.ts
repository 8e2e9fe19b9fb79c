/**
 * What each browser test stands on: a site, a collector on another origin, and a fresh browser profile.
 * Never shares storage between tests.
 */

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Trackway } from "../src/api.js";
import { driven } from "./chromium.js";
import { Collector } from "./collector.js";
import { leaked } from "./secrets.js";
import { Site } from "./site.js";

declare global {
  /** The SDK's global inside the tested pages. */
  var SR: Trackway;
}

export interface Stage {
  site: Site;
  collector: Collector;
  context: BrowserContext;
  /** Opens a page of the site in a new tab. */
  visit(path: string, host?: string): Promise<Page>;
}

/** The stage of this test file: call once at its top. */
export function stage(): Stage {
  const on = {} as Stage;
  let browser: Browser;
  beforeAll(async () => {
    browser = await driven();
  });
  beforeEach(async () => {
    on.site = new Site();
    on.collector = new Collector();
    await Promise.all([on.site.open(), on.collector.open()]);
    on.site.config = { endpoint: on.collector.origin };
    on.context = await browser.newContext();
    on.visit = async (path, host) => {
      const page = await on.context.newPage();
      await page.goto(on.site.url(path, host));
      return page;
    };
  });
  afterEach(async () => {
    await on.context.close();
    await on.site.close();
    await on.collector.close().catch(() => undefined);
    expect(leaked([{ path: "", body: JSON.stringify(on.collector.arrivals) }])).toEqual([]);
  });
  afterAll(() => browser.close());
  return on;
}

/** The SDK's keys in the page's localStorage that begin so. */
export const keys = (page: Page, prefix: string): Promise<string[]> =>
  page.evaluate((start) => Object.keys(localStorage).filter((key) => key.startsWith(start)), prefix);
