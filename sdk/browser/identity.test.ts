/** Who and when: the uuid, the session and the counter, across pages, tabs and subdomains. */

import { expect, test } from "vitest";
import { pause } from "./collector.js";
import { stage } from "./stage.js";

const on = stage();

test("the uuid lives 400 days in a cookie of the whole site", async () => {
  await on.visit("/one", "a.shop.test");
  await on.visit("/two", "b.shop.test");
  const [one, two] = await on.collector.until("page.visit", 2);
  expect(two?.uuid).toBe(one?.uuid);
  expect(two?.session).toBe(one?.session);
  const cookie = (await on.context.cookies()).find(({ name }) => name === "tw_uuid");
  expect(cookie).toMatchObject({ domain: ".shop.test", path: "/", sameSite: "Lax", secure: false, value: one?.uuid });
  expect(Number(cookie?.expires) - Date.now() / 1000).toBeGreaterThan(399 * 86_400);
});

test("an address or a bare host gets a host-only cookie", async () => {
  await on.visit("/one", "127.0.0.1");
  await on.collector.until("page.visit", 1);
  const cookie = (await on.context.cookies()).find(({ name }) => name === "tw_uuid");
  expect(cookie?.domain).toBe("127.0.0.1");
});

test("two tabs share one session, started once, and one counter", async () => {
  await on.visit("/one");
  await on.visit("/two");
  const visits = await on.collector.until("page.visit", 2);
  expect(new Set(visits.map((event) => event.session)).size).toBe(1);
  expect(on.collector.stored("session.start")).toHaveLength(1);
  const seqs = on.collector.stored().map((event) => Number(event.seq));
  expect(seqs.sort()).toEqual([1, 2, 3]);
});

test("a session is over when its time has passed, before the event that finds out", async () => {
  on.site.config.session_timeout_ms = 600;
  const page = await on.visit("/one");
  await on.collector.until("page.visit", 1);
  await pause(700);
  await page.evaluate(() => SR.event.trackCustomEvent("late.click"));
  const [first, second] = await on.collector.until("session.start", 2);
  const [late] = on.collector.stored("late.click");
  expect(second?.session).not.toBe(first?.session);
  expect(late?.session).toBe(second?.session);
  expect(first?.id).toBe(`${first?.session?.slice(0, 14)}8${first?.session?.slice(15)}`);
});

test("activity in one tab keeps the session of the other alive", async () => {
  on.site.config.session_timeout_ms = 1_500;
  const one = await on.visit("/one");
  const two = await on.visit("/two");
  for (let n = 0; n < 4; n++) {
    await pause(500);
    await one.evaluate(() => SR.event.trackCustomEvent("still.here"));
  }
  await two.evaluate(() => SR.event.trackCustomEvent("also.here"));
  await on.collector.until("also.here", 1);
  expect(on.collector.stored("session.start")).toHaveLength(1);
});

test("reset makes another customer with another session; what was recorded keeps the first", async () => {
  const page = await on.visit("/one");
  const [before, after] = await page.evaluate(async () => {
    const first = SR.client.getUuid();
    SR.event.trackCustomEvent("before.reset");
    SR.client.reset();
    await SR.event.trackCustomEvent("after.reset");
    return [first, SR.client.getUuid()];
  });
  const [old] = on.collector.stored("before.reset");
  const [fresh] = on.collector.stored("after.reset");
  expect([old?.uuid, fresh?.uuid]).toEqual([before, after]);
  expect(fresh?.session).not.toBe(old?.session);
  expect(on.collector.stored("session.start")).toHaveLength(2);
});

test("setUuid takes a known uuid and refuses anything else", async () => {
  const page = await on.visit("/one");
  const uuid = "0190AAAA-0000-7000-8000-00000000ABCD";
  const results = await page.evaluate(
    (known) => [SR.client.setUuid("nonsense"), SR.client.setUuid(known), SR.client.getUuid()],
    uuid,
  );
  expect(results).toEqual([false, true, uuid.toLowerCase()]);
});

test("identify is a client.identify with what is known, and nothing of the page", async () => {
  const page = await on.visit("/one");
  await page.evaluate(() => SR.client.identify({ customId: "C-7", plan: "gold" }));
  expect(on.collector.stored("client.identify")[0]?.params).toEqual({ customId: "C-7", plan: "gold" });
});

test("without Web Locks, a closed tab's events are taken over once nobody can own them", async () => {
  await on.context.addInitScript("Object.defineProperty(navigator,'locks',{value:undefined})");
  await on.collector.close();
  const page = await on.visit("/one");
  await page.evaluate(() => SR.event.trackCustomEvent("left.behind"));
  await on.collector.open();
  await page.goto(on.site.url("/plain"));
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith("tw:q:"))) {
      const aged = key.replace(
        /:([^:-]+)-(\d+)$/,
        (_, at, n) => `:${(Number.parseInt(at, 36) - 31_000).toString(36)}-${n}`,
      );
      localStorage.setItem(aged, localStorage.getItem(key) ?? "");
      localStorage.removeItem(key);
    }
  });
  on.collector.arrivals = [];
  await page.goto(on.site.url("/two"));
  await on.collector.until("left.behind", 1);
});
