/** Consent: nothing stored or sent before it, everything once after it, nothing left without it. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { pause, until } from "./collector.js";
import { served } from "./served.js";

const on = served();
/** What a denial leaves: the answer, and the domain that its cookie is set on. */
const ANSWER = ["tw:consent", "tw:domain", "tw_consent"];
const required = () => on.configure({ consent: "required" });

/** Everything of ours that the browser keeps, in cookies and localStorage. */
const kept = async (page: Page) => [
  ...(await on.context.cookies()).map((cookie) => cookie.name),
  ...(await page.evaluate(() => Object.keys(localStorage))),
];
const track = (page: Page, action: string, params = {}) =>
  page.evaluate(([name, more]) => SR.event.trackCustomEvent(name, more), [action, params] as [
    string,
    Record<string, unknown>,
  ]);

test("while consent is pending nothing is stored in the browser and nothing is sent", async () => {
  await required();
  const page = await on.visit("/asked");
  expect(await track(page, "cart.add")).toMatchObject({ status: "queued", code: "consent_pending" });
  expect(await page.evaluate(() => SR.consent.status())).toBe("pending");
  await page.evaluate(() => SR.event.flush());
  await pause(1_200);
  await page.evaluate(() => window.dispatchEvent(new Event("pagehide")));
  expect(await kept(page)).toEqual([]);
  expect(on.door.knocks).toEqual([]);
});

test("a grant sends what was held once, with the times and pages of then", async () => {
  await required();
  const page = await on.visit("/asked?utm_source=mail");
  const at = await page.evaluate(async () => {
    const before = Date.now();
    await SR.event.trackCustomEvent("cart.add", { sku: 1 });
    history.pushState({}, "", "/elsewhere");
    return before;
  });
  await pause(600);
  const granted = await page.evaluate(() => {
    SR.consent.grant();
    SR.consent.grant();
    return Date.now();
  });
  const [added] = await on.stored("cart.add", 1);
  const visits = await on.stored("page.visit", 2);
  expect(added?.params.url).toBe(on.shop.url("/asked?utm_source=mail"));
  expect(added?.time).toBeLessThan(granted - 400);
  expect(added?.time).toBeGreaterThanOrEqual(at);
  expect(visits[0]?.params).toMatchObject({ utm_source: "mail", title: "Title of /asked" });
  expect(visits[0]?.uuid).toBe(added?.uuid);
  expect(await kept(page)).toEqual(expect.arrayContaining(["tw_uuid", "tw_session", "tw_consent"]));
  await page.reload();
  await on.stored("page.visit", 3);
  expect(await page.evaluate(() => SR.consent.status())).toBe("granted");
  expect(await on.server.stored(on.site, "cart.add")).toHaveLength(1);
  expect(await on.server.stored(on.site, "session.start")).toHaveLength(1);
});

test("at most 100 events are held", async () => {
  await required();
  const page = await on.visit("/many");
  const codes = await page.evaluate(async () => {
    const all = await Promise.all(Array.from({ length: 120 }, (_, n) => SR.event.trackCustomEvent("many.one", { n })));
    SR.consent.grant();
    await SR.event.flush();
    return all.map((verdict) => verdict.status);
  });
  expect(codes.filter((status) => status === "queued")).toHaveLength(99);
  expect(codes.filter((status) => status === "dropped")).toHaveLength(21);
  const stored = await on.stored("many.one", 99);
  expect(stored.map((event) => event.params.n)).toEqual(Array.from({ length: 99 }, (_, n) => n));
});

test("a denial forgets what was held, deletes what was stored, and outlives the page", async () => {
  const page = await on.visit("/before");
  await on.stored("page.visit", 1);
  await on.door.close();
  await track(page, "still.queued");
  await page.evaluate(() => SR.consent.deny());
  await on.door.open();
  expect((await kept(page)).sort()).toEqual(ANSWER);
  expect(await track(page, "after.denial")).toMatchObject({ status: "rejected", code: "consent_denied" });
  await page.reload();
  expect(await page.evaluate(() => SR.consent.status())).toBe("denied");
  await pause(1_200);
  expect((await kept(page)).sort()).toEqual(ANSWER);
  const actions = (await on.server.stored(on.site)).map((event) => event.action);
  expect(actions.sort()).toEqual(["page.visit", "session.start"]);
});

test("a denied visitor who changes their mind is recorded from then on, as somebody new", async () => {
  await required();
  const page = await on.visit("/changed");
  await page.evaluate(async () => {
    await SR.event.trackCustomEvent("never.kept");
    SR.consent.deny();
    await SR.event.trackCustomEvent("never.taken");
    SR.consent.grant();
    await SR.event.trackCustomEvent("now.fine");
  });
  await on.stored("now.fine", 1);
  expect((await on.server.stored(on.site)).map((event) => event.action).sort()).toEqual(["now.fine", "session.start"]);
});

test("the answer given in one tab holds in the others, which join its visitor and session", async () => {
  await required();
  const one = await on.visit("/one");
  const two = await on.visit("/two");
  await track(two, "held.there");
  await one.evaluate(() => SR.consent.grant());
  const [held] = await on.stored("held.there", 1);
  const visits = await on.stored("page.visit", 2);
  expect(await two.evaluate(() => SR.consent.status())).toBe("granted");
  expect(new Set([held, ...visits].map((event) => event?.uuid)).size).toBe(1);
  expect(new Set([held, ...visits].map((event) => event?.session)).size).toBe(1);
  await two.evaluate(() => SR.consent.deny());
  await until(
    async () => (await one.evaluate(() => SR.consent.status())) === "denied",
    () => "the denial in the first tab",
  );
  expect((await kept(one)).sort()).toEqual(ANSWER);
});

test("calls made before the SDK arrived count: grant in the snippet's queue, identity kept through it", async () => {
  await required();
  on.shop.pages["/early"] =
    `<script>SR.event.trackCustomEvent("early.bird");SR.client.identify({customId:"C-1"});SR.consent.grant()</script>`;
  const page = await on.visit("/early");
  const [early] = await on.stored("early.bird", 1);
  expect(early?.uuid).toBe(await page.evaluate(() => SR.client.getUuid()));
  expect((await on.stored("client.identify", 1))[0]?.uuid).toBe(early?.uuid);
});

test("whoever logs out before answering takes what was held with them", async () => {
  await required();
  const page = await on.visit("/leaving");
  await page.evaluate(async () => {
    await SR.event.trackCustomEvent("first.person");
    SR.client.reset();
    await SR.event.trackCustomEvent("second.person");
    SR.consent.grant();
  });
  await on.stored("second.person", 1);
  expect((await on.server.stored(on.site)).map((event) => event.action)).not.toContain("first.person");
});

test.each([
  ["deny", "denied", 0],
  ["limit", "granted", 1],
  ["ignore", "granted", 1],
])("with Global Privacy Control and the policy %s, consent is %s", async (gpc, status, visits) => {
  await on.configure({ gpc });
  await on.context.addInitScript("Object.defineProperty(navigator,'globalPrivacyControl',{value:true})");
  const page = await on.visit("/private");
  await page.waitForFunction(() => !("q" in SR) || "consent" in SR);
  expect(await page.evaluate(() => SR.consent.status())).toBe(status);
  if (visits) {
    const [start] = await on.stored("session.start", 1);
    expect(start?.params.gpc).toBe(gpc === "ignore" ? undefined : true);
  } else {
    await pause(800);
    expect(on.door.knocks).toEqual([]);
    await page.evaluate(() => SR.consent.grant());
    expect(await track(page, "by.choice")).toMatchObject({ status: "stored" });
  }
});
