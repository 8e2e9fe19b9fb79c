/**
 * The stage on which the real server is the judge: a customer's web site whose snippet loads the SDK from a real
 * `trackway serve` through a door that can misbehave, a fresh site there and a fresh browser profile for each test.
 * At the end of each test file, nothing that was planted (secrets.ts) may have come to the door.
 */

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { driven } from "./chromium.js";
import { leaked } from "./secrets.js";
import { Door, type Knock, RealServer, type Stored, type StoredSite } from "./server.js";
import { Site, snippet } from "./site.js";

export interface ServedStage {
  /** The customer's web site: set `pages` before visiting. */
  shop: Site;
  server: RealServer;
  door: Door;
  /** The Trackway site of this test. */
  site: StoredSite;
  context: BrowserContext;
  /** Changes the site's settings; pages loaded from then on have them. */
  configure(settings: Record<string, unknown>): Promise<void>;
  /** Opens a page of the shop in a new tab. */
  visit(path: string, host?: string): Promise<Page>;
  /** What the server stored of an action, once there are `count`. */
  stored(action: string, count: number): Promise<Stored[]>;
}

/** The stage of this test file: call once at its top. */
export function served(): ServedStage {
  const on = {} as ServedStage;
  const knocks: Knock[] = [];
  let browser: Browser;
  beforeAll(async () => {
    on.server = new RealServer();
    [browser] = await Promise.all([driven(), on.server.open()]);
  }, 60_000);
  beforeEach(async () => {
    on.shop = new Site();
    on.door = new Door(on.server);
    await Promise.all([on.shop.open(), on.door.open()]);
    on.site = await on.server.addSite();
    on.shop.head = snippet(`${on.door.origin}/s/${on.site.key}.js`);
    on.context = await browser.newContext();
    on.configure = (settings) => on.server.api("PATCH", `/sites/${on.site.id}`, { settings });
    on.stored = (action, count) => on.server.until(on.site, action, count);
    on.visit = async (path, host) => {
      const page = await on.context.newPage();
      await page.goto(on.shop.url(path, host));
      return page;
    };
  });
  afterEach(async () => {
    await on.context.close();
    await on.shop.close();
    await on.door.close().catch(() => undefined);
    knocks.push(...on.door.knocks);
  });
  afterAll(async () => {
    await browser.close();
    await on.server.close();
    on.server.remove();
    expect(leaked(knocks)).toEqual([]);
  });
  return on;
}
