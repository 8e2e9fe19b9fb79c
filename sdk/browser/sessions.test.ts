/** Sessions: one for all tabs and subdomains, over when it should be, begun once, ended by the server. */

import { expect, test } from "vitest";
import { pause } from "./collector.js";
import { settled, track, tracks } from "./say.js";
import { served } from "./served.js";

const on = served();
const sessions = async () => new Set((await on.server.stored(on.site)).map((event) => event.session)).size;
const starts = () => on.server.stored(on.site, "session.start");

test("the site's setting ends a session; the next event begins another, and renews nothing before that is checked", async () => {
  await on.configure({ session_timeout_s: 1 });
  const page = await on.visit("/short");
  await on.stored("page.visit", 1);
  await pause(1_300);
  await track(page, "late.click");
  const [first, second] = await on.stored("session.start", 2);
  const [late] = await on.stored("late.click", 1);
  expect(late?.session).toBe(second?.session);
  expect(late?.session).not.toBe(first?.session);
});

test("a session is over after a day, however busy it is", async () => {
  const page = await on.visit("/long");
  await on.stored("page.visit", 1);
  await page.goto(on.shop.url("/plain"));
  await page.evaluate(() => {
    const [, id, start, last] = /tw_session=([^.]+)\.(\d+)\.(\d+)/.exec(document.cookie) ?? [];
    // biome-ignore lint/suspicious/noDocumentCookie: the test makes the session older
    document.cookie = `tw_session=${id}.${Number(start) - 86_400_000}.${last};path=/`;
  });
  await page.goto(on.shop.url("/longer"));
  const visits = await on.stored("page.visit", 2);
  expect(visits[1]?.session).not.toBe(visits[0]?.session);
});

test("subdomains share one visitor and one session", async () => {
  await on.visit("/one", "a.shop.test");
  await on.stored("page.visit", 1);
  await on.visit("/two", "b.shop.test");
  const [one, two] = await on.stored("page.visit", 2);
  expect([two?.uuid, two?.session]).toEqual([one?.uuid, one?.session]);
  expect(await starts()).toHaveLength(1);
});

test("six tabs opened at once are one visitor with one session, started once", async () => {
  await Promise.all([1, 2, 3, 4, 5, 6].map((n) => on.visit(`/tab/${n}`)));
  const visits = await on.stored("page.visit", 6);
  expect(new Set(visits.map((event) => event.uuid)).size).toBe(1);
  expect(await sessions()).toBe(1);
  expect(await starts()).toHaveLength(1);
});

test("tabs that could not see each other's ids agree before they send", async () => {
  await on.context.addInitScript(() => {
    const real = Object.getOwnPropertyDescriptor(Document.prototype, "cookie") as Required<PropertyDescriptor>;
    let blindUntil = Number.POSITIVE_INFINITY;
    Object.defineProperty(document, "cookie", {
      get: () => (Date.now() < blindUntil ? "" : real.get.call(document)),
      set: (value) => {
        real.set.call(document, value);
        blindUntil = Math.min(blindUntil, Date.now() + 50);
      },
    });
    Object.defineProperty(window, "localStorage", {
      get: () => {
        throw new DOMException("blocked", "SecurityError");
      },
    });
  });
  await Promise.all([on.visit("/left"), on.visit("/right")]);
  const visits = await on.stored("page.visit", 2);
  expect(new Set(visits.map((event) => event.uuid)).size).toBe(1);
  expect(await sessions()).toBe(1);
  expect(await starts()).toHaveLength(1);
});

test("what happens by itself in an idle tab neither prolongs its session nor begins one", async () => {
  await on.configure({ session_timeout_s: 1 });
  const page = await on.visit("/idle");
  const [visit] = await on.stored("page.visit", 1);
  await pause(1_300);
  await page.evaluate(() => {
    SR.event.trackCustomEvent("element.hover", { element: "banner", duration: 900 });
    SR.event.trackCustomEvent("scroll.depth", { percent: 50 });
  });
  const all = await settled(on, page);
  expect(all.filter((event) => /hover|scroll/.test(event.action)).map((event) => event.session ?? null)).toEqual([
    null,
    null,
  ]);
  const [first, second] = await on.stored("session.start", 2);
  expect(first?.session).toBe(visit?.session);
  expect(second?.time).toBeGreaterThan(Number(all.find((event) => event.action === "scroll.depth")?.time));
});

test("a tab that slept joins the session that another began, and does not bring back its own", async () => {
  // Long enough for a busy machine to open a page in.
  await on.configure({ session_timeout_s: 4 });
  const asleep = await on.visit("/asleep");
  await on.stored("page.visit", 1);
  await pause(4_300);
  const awake = await on.visit("/awake");
  await on.stored("page.visit", 2);
  await track(asleep, "woken.up");
  const [woken] = await on.stored("woken.up", 1);
  const visits = await on.stored("page.visit", 2);
  expect(woken?.session).toBe(visits[1]?.session);
  expect(await starts()).toHaveLength(2);
  await awake.close();
});

test("the server ends the session, at its last event", async () => {
  await on.configure({ session_timeout_s: 1 });
  const page = await on.visit("/ended");
  await tracks(page, "order.paid", 1);
  const [paid] = await on.stored("order.paid", 1);
  const [end] = await on.server.until(on.site, "session.end", 1, 15_000);
  expect([end?.session, end?.time]).toEqual([paid?.session, paid?.time]);
});
