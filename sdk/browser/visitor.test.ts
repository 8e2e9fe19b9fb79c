/** One visitor, or none: no storage at all, a cookie that the server renews, links between a site's domains. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { carry } from "../src/linking.js";
import { pause, until } from "./collector.js";
import { served } from "./served.js";
import { snippet } from "./site.js";

const on = served();
const track = (page: Page, action: string) => page.evaluate((name) => SR.event.trackCustomEvent(name), action);
const uuidOf = (page: Page) => page.evaluate(() => SR.client.getUuid());

let proxy: Server | undefined;
afterEach(() => new Promise<void>((done) => (proxy ? proxy.close(() => done()) : done())));

/** The shop and the collector on one origin, as behind a first-party proxy. Answers its port, and notes each Set-Cookie. */
async function firstParty(cookies: string[]): Promise<number> {
  proxy = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const own = /^\/(s\/|e)/.test(path);
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers as Record<string, string>;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await fetch(own ? on.server.origin + path : on.shop.url(path), {
      method: request.method,
      headers,
      body: chunks.length ? Buffer.concat(chunks) : undefined,
    });
    cookies.push(...answer.headers.getSetCookie());
    const kept = [...answer.headers].filter(([name]) => !/^(content-(encoding|length)|transfer-encoding)$/.test(name));
    response.writeHead(answer.status, kept.flat()).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((done) => proxy?.listen(0, "127.0.0.1", done));
  on.shop.head = snippet(`/s/${on.site.key}.js`);
  return (proxy.address() as AddressInfo).port;
}

test("cookieless: nothing is stored, and the server gives one uuid for the day", async () => {
  await on.configure({ cookieless: true });
  const page = await on.visit("/one");
  await track(page, "cart.add");
  await page.goto(on.shop.url("/two"));
  await on.stored("page.visit", 2);
  expect(await on.context.cookies()).toEqual([]);
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
  expect(await uuidOf(page)).toBe("");
  const events = await on.server.stored(on.site);
  expect(events.map((event) => event.action).sort()).toEqual(["cart.add", "page.visit", "page.visit"]);
  expect(new Set(events.map((event) => event.uuid)).size).toBe(1);
  expect(events.every((event) => event.session === undefined && event.seq === undefined)).toBe(true);
  const other = await (await on.context.browser()?.newContext({ userAgent: "Another browser" }))?.newPage();
  await other?.goto(on.shop.url("/three"));
  const visits = await on.stored("page.visit", 3);
  expect(new Set(visits.map((event) => event.uuid)).size).toBe(2);
  await other?.context().close();
});

test("the server renews the cookie on the page's own origin, and a script's shorter one never takes its place", async () => {
  await on.configure({ sdk_server_cookie: true });
  const cookies: string[] = [];
  const port = await firstParty(cookies);
  const page = await on.context.newPage();
  const at = (path: string) => `http://www.shop.test:${port}${path}`;
  await page.goto(at("/one"));
  await until(
    () => cookies.length > 0,
    () => "the cookie from the server",
  );
  const uuid = await uuidOf(page);
  expect(cookies).toEqual([`tw_uuid=${uuid}; Path=/; Max-Age=${400 * 86_400}; SameSite=Lax; Domain=shop.test`]);
  const written = () => on.context.cookies().then((all) => all.find(({ name }) => name === "tw_uuid"));
  await until(
    async () => ((await written())?.expires ?? 0) > Date.now() / 1000 + 399 * 86_400,
    () => "the cookie to last",
  );
  const first = await written();
  expect(first).toMatchObject({ domain: ".shop.test", value: uuid });
  await page.goto(at("/two"));
  await on.stored("page.visit", 2);
  await pause(1_200);
  expect((await written())?.expires).toBe(first?.expires);
  expect(cookies).toHaveLength(1);
  await page.evaluate(() => SR.client.reset());
  await page.goto(at("/three"));
  await until(
    () => cookies.length > 1,
    () => "the new visitor's cookie",
  );
  expect(cookies[1]).toContain(await uuidOf(page));
});

test("on another origin the server sets no cookie, and no request carries one", async () => {
  await on.configure({ sdk_server_cookie: true });
  const page = await on.visit("/apart");
  await on.stored("page.visit", 1);
  await pause(1_200);
  expect(on.door.knocks.every((knock) => !knock.path.startsWith("/e/id"))).toBe(true);
  expect((await on.context.cookies()).map((cookie) => cookie.domain)).toEqual(["localhost", "localhost"]);
  expect(await uuidOf(page)).toMatch(/-/);
});

/** Two sites' domains; the first page links to the second. */
async function linked(settings: object = {}): Promise<Page> {
  await on.configure({ sdk_link_domains: ["shop.test", "outlet.test"], ...settings });
  on.shop.pages["/from"] =
    `<a id="own" href="/own">own</a> <a id="on" href="${on.shop.url("/to?x=1#part", "www.outlet.test")}">on</a>
     <a id="away" href="${on.shop.url("/to", "else.test")}">away</a>`;
  return on.visit("/from", "www.shop.test");
}
const arrived = (page: Page, host: string) => page.waitForURL((url) => url.hostname === host);

test("a link to another of the site's domains brings the visitor along, and leaves no trace", async () => {
  const page = await linked();
  const uuid = await uuidOf(page);
  const href = await page.getAttribute("#on", "href");
  await page.click("#on", { modifiers: ["Control"] });
  await pause(300);
  expect(await page.getAttribute("#on", "href")).toBe(href);
  await page.click("#on");
  await arrived(page, "www.outlet.test");
  const visits = await on.stored("page.visit", 2);
  expect(new Set(visits.map((event) => event.uuid))).toEqual(new Set([uuid]));
  expect(page.url()).toBe(on.shop.url("/to?x=1#part", "www.outlet.test"));
  expect(on.door.knocks.map((knock) => knock.body).join()).not.toContain("tw_link");
});

test("links elsewhere, and within the domain, are left as they are", async () => {
  const page = await linked();
  await page.click("#away");
  await arrived(page, "else.test");
  expect(page.url()).not.toContain("tw_link");
  const again = await on.visit("/from", "www.shop.test");
  await again.click("#own");
  await again.waitForURL((url) => url.pathname === "/own");
  expect(again.url()).not.toContain("tw_link");
});

test("off by default", async () => {
  const page = await linked({ sdk_link_domains: [] });
  const uuid = await uuidOf(page);
  await page.click("#on");
  await arrived(page, "www.outlet.test");
  expect(page.url()).not.toContain("tw_link");
  expect(await uuidOf(page)).not.toBe(uuid);
});

test("a known customer is never overridden by a link", async () => {
  const page = await linked();
  const known = await on.visit("/account", "www.outlet.test");
  await known.evaluate(() => SR.client.identify({ customId: "C-9" }));
  const uuid = await uuidOf(known);
  await page.click("#on");
  await arrived(page, "www.outlet.test");
  expect(await uuidOf(page)).toBe(uuid);
  expect(page.url()).not.toContain("tw_link");
});

test("Global Privacy Control, and a visitor who has not agreed, keep the uuid on its domain", async () => {
  await on.context.addInitScript("Object.defineProperty(navigator,'globalPrivacyControl',{value:true})");
  const page = await linked();
  await page.click("#on");
  await arrived(page, "www.outlet.test");
  expect(on.shop.asked.join()).not.toContain("tw_link");
  await on.configure({ gpc: "ignore", consent: "required" });
  const pending = await on.visit("/from", "www.shop.test");
  await pending.click("#on");
  await arrived(pending, "www.outlet.test");
  expect(on.shop.asked.join()).not.toContain("tw_link");
});

test("a link that is old, was made in another browser, or comes from elsewhere brings nobody", async () => {
  const page = await linked();
  const [agent, language] = await page.evaluate(() => [navigator.userAgent, navigator.language]);
  const stranger = "0190aaaa-0000-7000-8000-00000000abcd";
  const make = (at: number, browser: string) => {
    Object.defineProperty(globalThis, "navigator", { value: { userAgent: browser, language }, configurable: true });
    return carry(stranger, at);
  };
  const to = (link: string) => on.shop.url(`/to?tw_link=${link}`, "www.outlet.test");
  const follow = async (link: string, host = "www.shop.test") => {
    const tab = await on.visit("/plain", host);
    await Promise.all([
      arrived(tab, "www.outlet.test"),
      tab.evaluate((address) => {
        location.href = address;
      }, to(link)),
    ]);
    await tab.waitForFunction(() => "SR" in window);
    return uuidOf(tab);
  };
  expect(await follow(make(Date.now() - 130_000, String(agent)))).not.toBe(stranger);
  expect(await follow(make(Date.now(), "Another browser"))).not.toBe(stranger);
  expect(await follow(make(Date.now(), String(agent)), "else.test")).not.toBe(stranger);
  expect(await follow(make(Date.now(), String(agent)))).toBe(stranger);
});
