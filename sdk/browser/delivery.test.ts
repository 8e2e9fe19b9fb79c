/** Delivery without loss: what is recorded arrives, or is given up with a reason and counted. */

import { expect, test } from "vitest";
import type { Verdict } from "../src/event.js";
import { pause, until } from "./collector.js";
import { KEY } from "./site.js";
import { keys, stage } from "./stage.js";

const on = stage();
const QUEUE = `tw:q:${KEY}:`;
const visits = () => on.collector.stored("page.visit").map((event) => new URL(String(event.params.url)).pathname);

/** Calls the SDK in the page and waits for the verdict. */
const track = (page: { evaluate: Stage }, action: string, params: object = {}) =>
  page.evaluate(([name, more]) => SR.event.trackCustomEvent(name, more), [action, params] as [
    string,
    Record<string, unknown>,
  ]) as Promise<Verdict>;
type Stage = Awaited<ReturnType<typeof on.visit>>["evaluate"];

/** A page that leaves for one without the SDK so many ms after the SDK has loaded. */
const leaving = (ms: number) =>
  `<script>document.querySelector("script[src*='/s/']").onload=()=>setTimeout(()=>{location.href="/plain"},${ms})</script>`;

test.each([1, 60])("a visitor who leaves %i ms after the script has loaded is counted", async (ms) => {
  on.site.pages["/brief"] = leaving(ms);
  await on.visit("/brief");
  await on.collector.until("page.visit", 1);
  expect(on.collector.stored().map((event) => event.action)).toEqual(["session.start", "page.visit"]);
});

test("an event recorded while the tab closes arrives", async () => {
  const page = await on.visit("/closing");
  await on.collector.until("page.visit", 1);
  await page.evaluate(() => {
    window.addEventListener("beforeunload", () => void SR.event.trackCustomEvent("cart.left"));
  });
  await page.close({ runBeforeUnload: true });
  await on.collector.until("cart.left", 1);
});

test("what a refusing collector missed comes with the next page, once", async () => {
  await on.collector.close();
  const page = await on.visit("/one");
  expect((await track(page, "order.paid", { total: 12 })).status).toBe("queued");
  await on.collector.open();
  await page.goto(on.site.url("/two"));
  await on.collector.until("page.visit", 2);
  const [paid] = await on.collector.until("order.paid", 1);
  expect(paid?.params).toMatchObject({ total: 12, title: "Title of /one" });
  expect(visits().sort()).toEqual(["/one", "/two"]);
  expect(
    on.collector
      .stored()
      .map((event) => event.action)
      .sort(),
  ).toEqual(["order.paid", "page.visit", "page.visit", "session.start"].sort());
  await until(
    async () => (await keys(page, QUEUE)).length === 0,
    () => "an empty queue",
  );
});

test("the same page delivers by itself once the collector is back", async () => {
  await on.collector.close();
  const page = await on.visit("/patient");
  await track(page, "order.paid");
  await on.collector.open();
  await on.collector.until("order.paid", 1);
});

test("a page from the back/forward cache does not send again what another page delivered for it", async () => {
  await on.collector.close();
  const page = await on.visit("/one");
  await track(page, "order.paid");
  await on.collector.open();
  await page.goto(on.site.url("/two"));
  await on.collector.until("order.paid", 1);
  await page.evaluate(() => history.back());
  await until(
    () => visits().length >= 3,
    () => "the restored visit",
  );
  const sent = on.collector.arrivals.flatMap((arrival) => arrival.events).filter((e) => e.action === "order.paid");
  expect(sent.length).toBeLessThanOrEqual(2);
});

test("a hiding page sends beacons of at most 60 KiB, and the rest with the next page", async () => {
  const page = await on.visit("/bulk");
  await on.collector.until("page.visit", 1);
  on.collector.answer = (arrival) => (arrival.beacon ? undefined : { status: 503 });
  await page.evaluate(() => {
    for (let n = 0; n < 60; n++) SR.event.trackCustomEvent("bulk.item", { n, text: "é".repeat(1000) });
  });
  await page.goto(on.site.url("/plain"));
  await on.collector.until("bulk.item", 20);
  const beacons = on.collector.arrivals.filter((arrival) => arrival.beacon);
  expect(Math.max(...beacons.map((arrival) => arrival.bytes))).toBeLessThanOrEqual(61_440);
  on.collector.answer = () => undefined;
  await page.goto(on.site.url("/after"));
  await on.collector.until("bulk.item", 60);
});

test("413 halves until it fits, and gives up a single event that never does", async () => {
  on.collector.answer = ({ events }) =>
    events.length > 3 || events.some((event) => event.action === "far.too-big") ? { status: 413 } : undefined;
  const page = await on.visit("/large");
  const kept = await page.evaluate(() =>
    Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => SR.event.trackCustomEvent("small.one", { n }))),
  );
  expect(kept.map((verdict) => verdict.status)).toEqual(Array(7).fill("stored"));
  expect(await track(page, "far.too-big")).toMatchObject({ status: "dropped", code: "http_413" });
  await track(page, "small.one");
  expect(on.collector.arrivals.at(-1)?.dropped).toBe(1);
});

test("429 with Retry-After is obeyed, also by the next page", async () => {
  let refusals = 0;
  on.collector.answer = () => (refusals++ ? undefined : { status: 429, headers: { "retry-after": "2" } });
  const page = await on.visit("/slow");
  expect((await track(page, "order.paid")).status).toBe("queued");
  await page.goto(on.site.url("/slower"));
  await on.collector.until("order.paid", 1);
  const [first, second] = on.collector.arrivals;
  expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(1_950);
});

test("503 is tried again with the same ids", async () => {
  let refusals = 0;
  on.collector.answer = () => (refusals++ < 2 ? { status: 503 } : undefined);
  await on.visit("/unwell");
  await on.collector.until("page.visit", 1);
  const ids = on.collector.arrivals.map((arrival) => arrival.events.map((event) => event.id).join());
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
});

test("a 200 that is no collector's frees nothing", async () => {
  on.collector.answer = () => ({ status: 200, body: "<html>Please log in to this network</html>" });
  const page = await on.visit("/captive");
  expect((await track(page, "order.paid")).status).toBe("queued");
  expect(await keys(page, QUEUE)).not.toEqual([]);
});

test("401 keeps everything and waits long; 400 gives up and says why", async () => {
  on.collector.answer = () => ({ status: 401, body: { error: { code: "unknown_key" } } });
  const page = await on.visit("/keyless");
  expect((await track(page, "order.paid")).status).toBe("queued");
  expect((await keys(page, QUEUE)).length).toBe(3);
  await pause(1_500);
  expect(on.collector.arrivals.length).toBeLessThanOrEqual(2);
  on.collector.answer = () => ({ status: 400, body: { error: { code: "malformed_body", message: "no" } } });
  await page.evaluate(() => SR.event.flush());
  expect(await keys(page, QUEUE)).toEqual([]);
  expect(await track(page, "order.paid")).toMatchObject({ status: "dropped", code: "malformed_body", message: "no" });
});

test("a rejected event has its reason; the others are stored", async () => {
  on.collector.answer = ({ events }) => {
    const index = events.findIndex((event) => event.action === "bad.one");
    if (index < 0) return undefined;
    const rejected = [{ index, id: events[index]?.id, code: "denied", message: "by rule", field: null }];
    return { status: 200, body: { accepted: events.length - 1, rejected, now: Date.now() } };
  };
  const page = await on.visit("/judged");
  const verdicts = await page.evaluate(() =>
    Promise.all([SR.event.trackCustomEvent("bad.one"), SR.event.trackCustomEvent("good.one")]),
  );
  expect(verdicts).toMatchObject([{ status: "rejected", code: "denied", message: "by rule" }, { status: "stored" }]);
});

test("a full queue gives up the oldest that say little, counts them, and reports the count", async () => {
  await on.collector.close();
  const page = await on.visit("/full");
  await page.evaluate(() => {
    for (let n = 0; n < 600; n++) SR.event.trackCustomEvent("many.times", { n });
  });
  expect((await keys(page, QUEUE)).length).toBe(500);
  await on.collector.open();
  await page.evaluate(() => SR.event.flush());
  const events = await on.collector.until("many.times", 500);
  expect(visits()).toEqual([]);
  expect(Math.min(...events.map((event) => Number(event.params.n)))).toBe(100);
  expect(on.collector.arrivals[0]?.dropped).toBe(102);
  expect(on.collector.arrivals.at(-1)?.dropped).toBe(0);
});

test("nothing is preflighted, and no request carries cookies", async () => {
  await on.context.addCookies([{ name: "secret", value: "1", url: on.collector.origin }]);
  const page = await on.visit("/polite");
  await track(page, "order.paid");
  expect(on.collector.arrivals.map((arrival) => arrival.method)).not.toContain("OPTIONS");
  expect(on.collector.arrivals.filter((arrival) => !arrival.beacon && arrival.cookie)).toEqual([]);
});

test("with storage blocked, events still leave, and the page sees no error", async () => {
  on.site.pages["/outer"] = `<iframe sandbox="allow-scripts" src="/inner"></iframe>`;
  on.site.pages["/inner"] =
    `<script>addEventListener("error",()=>SR.event.trackCustomEvent("page.error"));SR.event.trackCustomEvent("inner.called")</script>`;
  await on.visit("/outer");
  const [called] = await on.collector.until("inner.called", 1);
  const inner = on.collector.stored("page.visit").find((event) => String(event.params.url).endsWith("/inner"));
  expect(called?.uuid).toBe(inner?.uuid);
  expect(called?.session).toBe(inner?.session);
  expect(called?.seq).toBeUndefined();
  expect(on.collector.stored("page.error")).toEqual([]);
});
