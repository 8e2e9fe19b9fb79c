/** Several things at once: each alone is tested elsewhere, and what goes wrong goes wrong where they meet. */

import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ready } from "./acts.js";
import { WHOLE } from "./chromium.js";
import { pause, until } from "./collector.js";
import { settled, track } from "./say.js";
import { served } from "./served.js";
import { sign, token } from "./tokens.js";

const on = served();
test("two tabs, consent pending, then offline, with a token that expires: each event once, authenticated, one visitor", async () => {
  await sign(on);
  await on.configure({ consent: "required" });
  const pages = [await on.visit("/one"), await on.visit("/two")] as const;
  for (const page of pages) await page.exposeFunction("fresh", () => token({ sub: "C-1" }));
  for (const [nth, page] of pages.entries())
    await page.evaluate(
      ([jwt, n]) => {
        SR.client.onTokenExpired(() => (window as unknown as { fresh: () => unknown }).fresh());
        SR.client.setAccessToken(jwt);
        SR.event.trackCustomEvent("order.paid", { n });
        SR.event.trackCustomEvent("cart.add", { n });
      },
      [token({ sub: "C-1" }, -3600), nth] as const,
    );
  await on.context.setOffline(true);
  await pages[0].evaluate(() => SR.consent.grant());
  await pages[1].waitForFunction(() => SR.consent.status() === "granted");
  await pause(1_500);
  expect(await on.server.stored(on.site)).toEqual([]);
  await on.context.setOffline(false);
  const paid = await on.stored("order.paid", 2);
  await on.stored("cart.add", 2);
  await pause(1_000);
  expect(paid.every((event) => event.authenticated)).toBe(true);
  for (const action of ["order.paid", "cart.add", "page.visit"])
    expect(await on.server.stored(on.site, action)).toHaveLength(2);
  const everything = await on.server.stored(on.site);
  expect(new Set(everything.map((event) => event.uuid)).size).toBe(1);
  expect(everything.filter((event) => event.action === "session.start")).toHaveLength(1);
}, 30_000);

test("setUuid and reset while a request is on its way: what it carries, and what waits, stays whose it was", async () => {
  const page = await on.visit("/desk");
  await on.stored("page.visit", 1);
  on.door.misdeed = () => ({ kind: "hang" });
  const first = await page.evaluate(() => {
    SR.event.trackCustomEvent("desk.used", { n: 1 });
    return SR.client.getUuid();
  });
  await until(
    () => on.door.knocks.some((knock) => knock.body.includes("desk.used")),
    () => "the request",
  );
  const others = await page.evaluate(() => {
    SR.event.trackCustomEvent("desk.used", { n: 2 });
    SR.client.setUuid("0190f1f0-0000-7000-8000-0000000000AA");
    SR.event.trackCustomEvent("desk.used", { n: 3 });
    SR.client.reset();
    SR.event.trackCustomEvent("desk.used", { n: 4 });
    return SR.client.getUuid();
  });
  on.door.misdeed = () => undefined;
  await page.reload();
  const used = await on.stored("desk.used", 4);
  expect(used.map(({ params, uuid }) => [params.n, uuid])).toEqual([
    [1, first],
    [2, first],
    [3, "0190f1f0-0000-7000-8000-0000000000aa"],
    [4, others],
  ]);
  expect(new Set(used.map((event) => event.session)).size).toBe(3);
});

test("identify and reset within one tick: the identification is the first visitor's, what follows is nobody's", async () => {
  const page = await on.visit("/kiosk");
  const next = await page.evaluate(() => {
    SR.client.identify({ customId: "K-1" });
    SR.event.trackCustomEvent("kiosk.paid");
    SR.client.reset();
    SR.event.trackCustomEvent("kiosk.idle");
    return SR.client.getUuid();
  });
  const [known] = await on.stored("client.identify", 1);
  const [paid] = await on.stored("kiosk.paid", 1);
  const [idle] = await on.stored("kiosk.idle", 1);
  expect(known?.uuid).toBe(paid?.uuid);
  expect(paid?.customer).toBe(known?.customer);
  expect(idle?.uuid).toBe(next);
  expect(idle?.customer).not.toBe(known?.customer);
});

test("storage that is taken away while events wait loses none of them", async () => {
  const page = await on.visit("/page");
  await on.stored("page.visit", 1);
  await page.evaluate(() => {
    SR.event.trackCustomEvent("order.paid", { n: 1 });
    Object.defineProperty(window, "localStorage", {
      get: () => {
        throw new DOMException("denied", "SecurityError");
      },
    });
    SR.event.trackCustomEvent("order.paid", { n: 2 });
  });
  await settled(on, page);
  expect((await on.server.stored(on.site, "order.paid")).map(({ params }) => params.n)).toEqual([1, 2]);
});

test("a Content-Security-Policy that forbids the connection: no error in the page, and all comes with the next that may", async () => {
  const page = await on.context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const { head } = on.shop;
  on.shop.head = `<meta http-equiv="Content-Security-Policy" content="connect-src 'none'">${head}`;
  await page.goto(on.shop.url("/closed"));
  expect(await track(page, "order.paid", { n: 1 })).toMatchObject({ status: "queued" });
  await page.close();
  expect(on.door.knocks).toEqual([]);
  on.shop.head = head;
  await on.visit("/open");
  const [paid] = await on.stored("order.paid", 1);
  expect(paid?.params.url).toBe(on.shop.url("/closed"));
  expect(await on.stored("page.visit", 2)).toHaveLength(2);
  expect(errors).toEqual([]);
});

test.each([
  ["throws", "window.fetch = () => { throw new Error('no') }"],
  ["answers what is no answer", "window.fetch = async () => ({ ok: true })"],
  ["never answers", "window.fetch = () => new Promise(() => {})"],
  ["answers that all is well", "window.fetch = async () => new Response('{}', { status: 200 })"],
])("a fetch of the page's own that %s loses nothing", async (_, script) => {
  on.shop.pages["/patched"] = `<script>${script};navigator.sendBeacon = () => { throw 1 }</script>`;
  const page = await on.visit("/patched");
  await page.evaluate(() => void SR.event.trackCustomEvent("order.paid", { n: 1 }));
  await pause(500);
  await page.goto(on.shop.url("/next"));
  expect(await on.stored("order.paid", 1)).toHaveLength(1);
  expect(await on.stored("page.visit", 2)).toHaveLength(2);
});

test("a page from a file, which has no origin, is visited", async () => {
  const path = join(tmpdir(), `trackway-${process.pid}.html`);
  writeFileSync(path, `<!doctype html><title>A file</title>${on.shop.head}<base href="http://elsewhere.test/">`);
  const page = await on.context.newPage();
  await page.goto(`file://${path}`);
  expect(await track(page, "file.used")).toMatchObject({ status: "stored" });
  const [visit] = await on.stored("page.visit", 1);
  expect(visit?.params).toMatchObject({ url: `file://${path}`, title: "A file" });
});

test("an XHTML page with a base address of another site: visits, clicks and forms", async () => {
  on.shop.texts["/x.xhtml"] =
    `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Strict</title><base href="http://elsewhere.test/deep/"/>
    <script src="${on.door.origin}/s/${on.site.key}.js"></script></head><body>
    <form data-track-form="letter" onsubmit="return false"><input name="submit" data-track-field="who" value="me"/>
    <button data-track="go">Go</button></form></body></html>`;
  const page = await on.visit("/x.xhtml");
  await ready(page);
  await page.click("button");
  expect((await on.stored("element.click", 1))[0]?.params.element).toBe("go");
  expect((await on.stored("form.submit", 1))[0]?.params).toMatchObject({ form: "letter", who: "me" });
  expect((await on.stored("page.visit", 1))[0]?.params).toMatchObject({
    title: "Strict",
    url: on.shop.url("/x.xhtml"),
  });
});

test.runIf(WHOLE)(
  "a page that waits for consent and comes back from the back/forward cache keeps what it held",
  async () => {
    await on.configure({ consent: "required" });
    const page = await on.visit("/first?utm_source=mail");
    await track(page, "held.one");
    await page.evaluate(() => Object.assign(window, { marker: true }));
    await page.goto(on.shop.url("/plain"));
    await page.evaluate(() => history.back());
    await page.waitForFunction(() => "marker" in window);
    await page.evaluate(() => SR.consent.grant());
    expect(await on.stored("held.one", 1)).toHaveLength(1);
    const visits = await on.stored("page.visit", 2);
    expect(visits.map(({ params }) => params.referrer_type)).toEqual([undefined, "bfcache"]);
  },
);

test("enumerable properties on Object.prototype put nothing into events, cookies or storage", async () => {
  await on.configure({ consent: "required" });
  // What a tool asks of such a page fails as well: the page itself tells.
  on.shop.pages["/old"] = `<script>
    Object.prototype.extend = function () {};
    Object.prototype.theirs = "x";
    SR.consent.grant();
    SR.event.trackCustomEvent("old.page", { n: 1 }).then(() =>
      SR.event.trackCustomEvent("old.left", { names: Object.keys(localStorage).join() }));
  </script>`;
  on.context.newPage().then((page) => page.goto(on.shop.url("/old")).catch(() => undefined));
  const [event] = await on.stored("old.page", 1);
  expect(Object.keys(event?.params ?? {}).sort()).toEqual(["n", "title", "url"]);
  const [left] = await on.stored("old.left", 1);
  expect(`${left?.params.names}`.split(",").filter((name) => !name.startsWith("tw:"))).toEqual([]);
  const cookies = (await on.context.cookies()).map((cookie) => cookie.name);
  expect(cookies.filter((name) => !name.startsWith("tw_"))).toEqual([]);
});
