/**
 * Sites that use something that is off by default: nothing is done before the file with it has come, and nothing that the
 * page says meanwhile is lost. The file is slow, refused, refused for good.
 */

import type { Page, Route } from "playwright-core";
import { expect, test } from "vitest";
import { WHOLE } from "./chromium.js";
import { pause, until } from "./collector.js";
import { served } from "./served.js";

const on = served();
const AHEAD = /\/s\/ahead-/;
const COOKIELESS = { cookieless: true };
const CALLS = `<script>
  SR.event.trackCustomEvent("early.one", { n: 1 });
  history.pushState({}, "", "/early/two");
  setTimeout(() => SR.event.trackCustomEvent("early.two", { n: 2 }, "Two"), 30);
</script>`;

/** Has the file's requests go through `route`; answers when each was made, epoch ms. `random`: 0 has a next try follow at once. */
async function intercept(route: (route: Route, nth: number) => Promise<void>, random = 0): Promise<number[]> {
  const asked: number[] = [];
  await on.context.route(AHEAD, (each) => route(each, asked.push(Date.now())));
  await on.context.addInitScript(`Math.random = () => ${random}`);
  return asked;
}

const refuse = (route: Route) => route.abort("blockedbyclient");

/** Keeps the file waiting until the answered function is called. */
async function closed(): Promise<() => void> {
  let open = () => {};
  const opening = new Promise<void>((done) => {
    open = done;
  });
  await intercept((route) => opening.then(() => route.continue()).catch(() => undefined));
  return open;
}

async function opened(path: string, settings: Record<string, unknown>, body = CALLS): Promise<Page> {
  await on.configure(settings);
  on.shop.pages[path] = body;
  return on.visit(path);
}

/** What of ours the browser keeps. */
const kept = async (page: Page): Promise<unknown[]> => [
  ...(await on.context.cookies()),
  ...(await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)])),
];

/** Both calls are stored as they were made: their time, page, order. */
async function expectCalls(since: number, until: number): Promise<void> {
  const [one] = await on.stored("early.one", 1);
  const [two] = await on.stored("early.two", 1);
  expect(one?.params).toMatchObject({ n: 1, url: on.shop.url("/early") });
  expect(two?.params).toMatchObject({ n: 2, url: on.shop.url("/early/two") });
  expect(two?.label).toBe("Two");
  expect(one?.time).toBeGreaterThanOrEqual(since);
  expect(two?.time).toBeGreaterThan(one?.time as number);
  expect(two?.time).toBeLessThanOrEqual(until);
  expect(await on.stored("page.visit", 1)).toHaveLength(1);
}

test("a file that takes two seconds: calls keep their time, page and order; nothing is stored or sent before", async () => {
  let came = 0;
  await intercept(async (route) => {
    await pause(2_000);
    came = Date.now();
    await route.continue();
  });
  const since = Date.now();
  const page = await opened("/early", { sdk_bots: "record", sdk_server_cookie: true });
  await pause(1_000);
  expect(await kept(page)).toEqual([]);
  expect(on.door.knocks).toEqual([]);
  await on.stored("early.two", 1);
  await expectCalls(since, came);
});

test("a file that is refused twice is asked for again, under other addresses", async () => {
  const asked = await intercept((route, nth) => (nth < 3 ? refuse(route) : route.continue()));
  const since = Date.now();
  await opened("/early", COOKIELESS);
  await on.stored("early.two", 1);
  await expectCalls(since, asked[2] as number);
  expect(asked).toHaveLength(3);
});

test("a file that never comes is asked for ten times; nothing is recorded, and the page goes on", async () => {
  const asked = await intercept(refuse);
  const page = await opened("/early", COOKIELESS);
  const faults: Error[] = [];
  page.on("pageerror", (error) => void faults.push(error));
  await until(
    () => asked.length === 10,
    () => `ten tries, not ${asked.length}`,
  );
  await page.evaluate(() => {
    for (let n = 0; n < 300; n++) SR.event.trackCustomEvent("one.more");
    dispatchEvent(new Event("pagehide"));
  });
  await pause(300);
  expect(asked).toHaveLength(10);
  expect(await kept(page)).toEqual([]);
  expect(on.door.knocks).toEqual([]);
  expect(faults).toEqual([]);
});

test("a page that is closed before the file has come leaves nothing, and the next is recorded", async () => {
  const open = await closed();
  const page = await opened("/early", { sdk_link_domains: ["shop.test", "outlet.test"] });
  await page.goto(on.shop.url("/plain"));
  expect(await kept(page)).toEqual([]);
  expect(on.door.knocks).toEqual([]);
  open();
  await page.goto(on.shop.url("/next"));
  const [visit] = await on.stored("page.visit", 1);
  expect(visit?.params.url).toBe(on.shop.url("/next"));
  expect(await on.server.stored(on.site, "early.one")).toEqual([]);
});

test.runIf(WHOLE)("a page from the back/forward cache goes on waiting for the file", async () => {
  let open = false;
  await intercept((route) => (open ? route.continue() : refuse(route)), 0.3);
  const page = await opened("/early", COOKIELESS);
  await page.evaluate(() => void Object.assign(window, { first: true }));
  await page.goto(on.shop.url("/plain"));
  open = true;
  await page.evaluate(() => history.back());
  await on.stored("early.two", 1);
  expect(await page.evaluate(() => "first" in window)).toBe(true);
  expect(await on.stored("page.visit", 1)).toHaveLength(1);
});

test.each([
  ["slow", (route: Route) => pause(400).then(() => route.continue())],
  ["refused once", (route: Route, nth: number) => (nth < 2 ? refuse(route) : route.continue())],
] as const)("cookieless, with a %s file: never a cookie, never anything in storage", async (_, route) => {
  await on.context.addInitScript(() => {
    const written: string[] = [];
    Object.assign(window, { written });
    Object.defineProperty(document, "cookie", { get: () => "", set: (text) => written.push(text) });
    Storage.prototype.setItem = (key) => {
      written.push(key);
    };
  });
  await intercept(route);
  const page = await opened("/early", COOKIELESS);
  await page.evaluate(() => [SR.client.identify({ customId: "C-1" }), SR.client.getUuid(), SR.client.reset()]);
  await on.stored("early.two", 1);
  await page.evaluate(() => dispatchEvent(new Event("pagehide")));
  expect(await page.evaluate(() => (window as unknown as { written: string[] }).written)).toEqual([]);
  expect(await page.evaluate(() => SR.client.getUuid())).toBe("");
});

test("a browser that is to be ignored leaves nothing either, not even later", async () => {
  await intercept((route) => pause(300).then(() => route.continue()));
  const page = await opened("/early", { sdk_bots: "ignore", sdk_server_cookie: true });
  expect(await page.evaluate(() => SR.event.trackCustomEvent("by.program"))).toMatchObject({ code: "automated" });
  await pause(1_200);
  expect(await kept(page)).toEqual([]);
  expect(on.door.knocks).toEqual([]);
});

test("a token that is set meanwhile is the next events', not that of those before it", async () => {
  await on.server.api("POST", `/sites/${on.site.id}/signing-keys`, { alg: "HS256", secret: "x".repeat(64) });
  await on.server.api("PUT", `/sites/${on.site.id}/definitions/order.paid`, { needs: "token" });
  const open = await closed();
  // What the server thinks of the token is another matter: whose each event is, is said by what carries it.
  const token = `x.${Buffer.from(JSON.stringify({ sub: "C-2" })).toString("base64url")}.y`;
  await opened(
    "/early",
    {},
    `<script>
      SR.client.identify({ customId: "C-1" });
      SR.event.trackCustomEvent("order.paid", { of: "C-1" });
      SR.client.setAccessToken("${token}");
      SR.event.trackCustomEvent("order.paid", { of: "C-2" });
    </script>`,
  );
  open();
  await on.stored("client.identify", 1);
  await until(
    () => on.door.knocks.some((knock) => knock.body.includes('"token"')),
    () => "a request under the token",
  );
  const under = on.door.knocks.map((knock) => JSON.parse(knock.body)).filter((body) => body.token);
  const events: { action: string; params: { of?: string } }[] = under.flatMap((body) => body.events);
  const whose = events.filter(({ action }) => action === "order.paid").map(({ params }) => params.of);
  expect(whose).toEqual(["C-2"]);
});

test.each([
  ["slow", 500],
  ["at hand", 0],
])("without the snippet: a stand-in takes the calls of a page whose file is %s", async (_, ms) => {
  await intercept((route) => pause(ms).then(() => route.continue()));
  on.shop.head = `<script src="${on.door.origin}/s/${on.site.key}.js"></script>`;
  const page = await opened(
    "/early",
    COOKIELESS,
    `${CALLS}<script>
      window.kept = SR.event; window.awaited = (async () => SR)();
      window.late = kept.trackCustomEvent("kept.call"); SR.consent.status();
    </script>`,
  );
  const verdict = await page.evaluate(() => (window as unknown as { late: Promise<unknown> }).late);
  expect(verdict).toMatchObject({ status: "stored" });
  await page.evaluate(() => (window as unknown as { kept: typeof SR.event }).kept.trackCustomEvent("kept.later"));
  await page.evaluate(() => (window as unknown as { awaited: Promise<unknown> }).awaited.then(() => undefined));
  expect(await page.evaluate(() => SR.consent.status())).toBe("granted");
  expect(await on.stored("kept.later", 1)).toHaveLength(1);
  expect(await on.stored("early.one", 1)).toHaveLength(1);
  expect(await on.stored("page.visit", 1)).toHaveLength(1);
});

test("a second copy, and a second site on the page, are two that wait and each starts once", async () => {
  const other = await on.server.addSite({ ...COOKIELESS, sdk_name: "TW" });
  const open = await closed();
  const file = (key: string) => `<script src="${on.door.origin}/s/${key}.js"></script>`;
  const page = await opened("/early", COOKIELESS, CALLS + file(on.site.key) + file(other.key));
  await page.evaluate(() => void (globalThis as unknown as { TW: typeof SR }).TW.event.trackCustomEvent("other.one"));
  open();
  expect(await on.stored("early.two", 1)).toHaveLength(1);
  await on.server.until(other, "other.one", 1);
  expect(await on.stored("page.visit", 1)).toHaveLength(1);
  expect(await on.server.stored(other, "page.visit")).toHaveLength(1);
  expect(await on.server.stored(on.site, "other.one")).toEqual([]);
});

test("under a strict Content-Security-Policy and Trusted Types the file is loaded like the others", async () => {
  const policy = `default-src 'none'; script-src 'nonce-n1' 'strict-dynamic'; connect-src ${on.door.origin}; require-trusted-types-for 'script'; trusted-types 'none'`;
  on.shop.head = `<meta http-equiv="Content-Security-Policy" content="${policy}"><script nonce="n1" src="${on.door.origin}/s/${on.site.key}.js"></script>`;
  await opened("/early", COOKIELESS, `<script nonce="n1">SR.event.trackCustomEvent("under.policy")</script>`);
  expect(await on.stored("under.policy", 1)).toHaveLength(1);
});
