/** Delivery without loss: what a misbehaving collector, network or page does to events, judged by what the server stored. */

import { expect, test } from "vitest";
import { WHOLE } from "./chromium.js";
import { pause, until } from "./collector.js";
import { settled, track, tracks } from "./say.js";
import { served } from "./served.js";
import type { Knock, Misdeed } from "./server.js";

const on = served();
const idsOf = (knock: Knock): string[] => JSON.parse(knock.body).events.map((event: { id: string }) => event.id);
const names = (knock: Knock): string[] =>
  JSON.parse(knock.body).events.map((event: { action: string }) => event.action);

/** The door does this to the first `times` requests. */
function misbehave(times: number, misdeed: Misdeed): void {
  let left = times;
  on.door.misdeed = () => (left-- > 0 ? misdeed : undefined);
}

async function stored(action: string): Promise<number[]> {
  const events = await on.server.stored(on.site, action);
  return events.map((event) => Number(event.params.n)).sort((a, b) => a - b);
}

const dropped = async (): Promise<number> => {
  const now = Date.now();
  const path = `/sites/${on.site.id}/ledger?from=${now - 600_000}&to=${now + 600_000}`;
  return (await on.server.api<{ dropped: number }>("GET", path)).dropped;
};

test.each<[string, Misdeed]>([
  ["refused", { kind: "refuse" }],
  ["408", { kind: "answer", status: 408 }],
  ["425", { kind: "answer", status: 425 }],
  ["429", { kind: "answer", status: 429 }],
  ["500", { kind: "answer", status: 500 }],
  ["503", { kind: "answer", status: 503 }],
  ["a login page", { kind: "answer", status: 200, body: "<html>Log in to this network</html>" }],
  ["cut after storing", { kind: "cut" }],
])("%s twice: sent again under the same ids, stored once", async (_, misdeed) => {
  misbehave(2, misdeed);
  const page = await on.visit("/patient");
  await track(page, "order.paid", { n: 1 });
  await on.stored("order.paid", 1);
  await on.stored("page.visit", 1);
  await settled(on, page);
  expect(on.door.knocks.length).toBeGreaterThan(2);
  const [first, second] = on.door.knocks.map(idsOf);
  expect(second).toEqual(expect.arrayContaining(first ?? []));
  expect(await stored("order.paid")).toEqual([1]);
  expect(await on.server.stored(on.site, "page.visit")).toHaveLength(1);
});

test("a collector that hangs is given up on, and asked again", async () => {
  misbehave(1, { kind: "hang" });
  const page = await on.visit("/hanging");
  await tracks(page, "order.paid", 3);
  await on.server.until(on.site, "order.paid", 3, 18_000);
  expect(await stored("order.paid")).toEqual([0, 1, 2]);
}, 30_000);

test("Retry-After as a date is obeyed, by the next page too", async () => {
  const until = Math.ceil(Date.now() / 1000) * 1000 + 3_000;
  const headers = { "retry-after": new Date(until).toUTCString() };
  on.door.misdeed = () => (Date.now() < until ? { kind: "answer", status: 429, headers } : undefined);
  const page = await on.visit("/busy");
  expect((await track(page, "order.paid", { n: 1 })).status).toBe("queued");
  const early = on.door.knocks.length;
  await page.goto(on.shop.url("/next"));
  await on.stored("order.paid", 1);
  expect(on.door.knocks.filter((knock) => knock.at < until)).toHaveLength(early);
});

test("413 halves until each request fits; one event that never does is dropped, and told", async () => {
  on.door.misdeed = ({ bytes }) => (bytes > 2_500 ? { kind: "answer", status: 413 } : undefined);
  const page = await on.visit("/large");
  await tracks(page, "small.one", 20);
  await on.stored("small.one", 20);
  const verdict = await track(page, "far.too-big", { text: "x".repeat(3_000) });
  expect(verdict).toMatchObject({ status: "dropped", code: "http_413" });
  await settled(on, page);
  await expect.poll(dropped).toBe(1);
});

test.each([400, 404, 410, 422])("%i gives the events up, and the server hears how many", async (status) => {
  const refused: string[] = [];
  on.door.misdeed = (knock) => {
    if (!knock.body.includes("order.lost")) return undefined;
    refused.push(...idsOf(knock));
    return { kind: "answer", status, body: { error: { code: "not_here", message: "no" } } };
  };
  const page = await on.visit("/refused");
  const verdicts = await tracks(page, "order.lost", 2);
  expect(verdicts).toMatchObject(Array(2).fill({ status: "dropped", code: "not_here" }));
  await settled(on, page);
  await expect.poll(dropped).toBe(refused.length);
  expect(await stored("order.lost")).toEqual([]);
});

test.each([401, 403])("%i keeps everything until somebody has mended it", async (status) => {
  on.door.misdeed = () => ({ kind: "answer", status });
  const page = await on.visit("/locked");
  expect((await track(page, "order.paid", { n: 1 })).status).toBe("queued");
  on.door.misdeed = () => undefined;
  await page.evaluate(() => SR.event.flush());
  await on.stored("order.paid", 1);
  await on.stored("page.visit", 1);
});

test("an offline browser keeps what happens, and delivers when the network is back", async () => {
  const page = await on.visit("/train");
  await on.stored("page.visit", 1);
  await on.context.setOffline(true);
  const verdicts = await tracks(page, "order.paid", 5);
  expect(verdicts.map((verdict) => verdict.status)).toEqual(Array(5).fill("queued"));
  await on.context.setOffline(false);
  await on.stored("order.paid", 5);
});

/** Keepalive requests of the page's own that are never answered; under a name of their own, as only six at a time go to one. */
async function occupy(page: Awaited<ReturnType<typeof on.visit>>, count: number, bytes: number): Promise<void> {
  const before = on.door.knocks.length;
  await page.evaluate(
    ([url, times, size]) => {
      const body = "x".repeat(size);
      for (let n = 0; n < times; n++)
        fetch(url, { method: "POST", keepalive: true, body, mode: "no-cors" }).catch(() => {});
    },
    [`${on.door.origin.replace("127.0.0.1", "own.test")}/own`, count, bytes] as const,
  );
  await until(
    () => on.door.knocks.length - before >= Math.min(count, 6),
    () => "the page's own requests",
  );
}

test.each([
  ["all 64 KiB", 1, 65_000],
  ["all 256 requests", 256, 1],
])("a page that uses up %s of its keepalive allowance still delivers", async (_, count, bytes) => {
  on.door.misdeed = ({ path }) => (path === "/own" ? { kind: "hang" } : undefined);
  const page = await on.visit("/greedy");
  await on.stored("page.visit", 1);
  await occupy(page, count, bytes);
  await track(page, "order.paid", { n: 1 });
  await on.stored("order.paid", 1);
});

test.runIf(WHOLE)(
  "a hiding page gets out what the shared 64 KiB allow, the rest comes with the next page",
  async () => {
    const page = await on.visit("/leaving");
    await on.stored("page.visit", 1);
    on.door.misdeed = (knock) => (knock.path === "/own" ? { kind: "hang" } : blocked(knock));
    const blocked = ({ beacon }: Knock): Misdeed => (beacon ? undefined : { kind: "answer", status: 503 });
    await occupy(page, 1, 40_000);
    const sent = await page.evaluate(() => {
      const answers: boolean[] = [];
      const native = navigator.sendBeacon.bind(navigator);
      navigator.sendBeacon = (url, body) => {
        answers.push(native(url, body));
        return answers[answers.length - 1] as boolean;
      };
      for (let n = 0; n < 60; n++) SR.event.trackCustomEvent("bulk.item", { n, text: "é".repeat(500) });
      dispatchEvent(new Event("pagehide"));
      return answers;
    });
    expect(sent).toContain(false);
    expect(sent).toContain(true);
    await on.stored("bulk.item", 1);
    const first = (await stored("bulk.item")).length;
    expect(first).toBeLessThan(60);
    const beacons = on.door.knocks.filter((knock) => knock.beacon && knock.path === "/e");
    expect(beacons.reduce((sum, knock) => sum + knock.bytes, 0)).toBeLessThanOrEqual(65_536 - 40_000);
    on.door.misdeed = () => undefined;
    await page.goto(on.shop.url("/after"));
    await on.stored("bulk.item", 60);
    expect(await stored("bulk.item")).toEqual(Array.from({ length: 60 }, (_, n) => n));
  },
);

test("what says most leaves first: own events, then visits, clicks, and hovers last", async () => {
  const page = await on.visit("/order");
  await on.stored("page.visit", 1);
  on.door.misdeed = ({ beacon }) => (beacon ? undefined : { kind: "answer", status: 503 });
  await page.evaluate(() => {
    const say = SR.event.trackCustomEvent;
    say("element.hover", { element: "a", duration: 5 });
    say("element.click", { element: "a" });
    history.pushState({}, "", "/order/2");
    say("order.paid");
    dispatchEvent(new Event("pagehide"));
  });
  await on.stored("element.hover", 1);
  const beacon = on.door.knocks.find((knock) => knock.beacon);
  expect(beacon && names(beacon)).toEqual(["order.paid", "page.visit", "element.click", "element.hover"]);
});

test("requests are plain text to /e with the key inside, never preflighted, without cookies", async () => {
  const methods: string[] = [];
  on.context.on("request", (request) => {
    if (request.url().startsWith(on.door.origin))
      methods.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  await on.context.addCookies([{ name: "secret", value: "1", url: on.door.origin }]);
  const page = await on.visit("/polite");
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.method() === "POST"),
    track(page, "order.paid", { n: 1 }),
  ]);
  expect(await request.headerValue("content-type")).toMatch(/^text\/plain\b/);
  expect(await request.headerValue("cookie")).toBeNull();
  expect(JSON.parse(request.postData() ?? "{}").key).toBe(on.site.key);
  expect(new Set(methods)).toEqual(new Set([`GET /s/${on.site.key}.js`, "POST /e"]));
  expect(on.door.preflights).toBe(0);
});

test.runIf(WHOLE)(
  "nothing listens to unload or beforeunload, and the page comes back from the back/forward cache",
  async () => {
    await on.context.addInitScript(() => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      const native = EventTarget.prototype.addEventListener;
      EventTarget.prototype.addEventListener = function (...args: Parameters<typeof native>) {
        heard.push(args[0]);
        return native.apply(this, args);
      };
    });
    const page = await on.visit("/kept");
    await track(page, "order.paid", { n: 1 });
    const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard);
    expect(heard).toContain("pagehide");
    expect(heard.filter((name) => name.includes("unload"))).toEqual([]);
    on.door.misdeed = () => ({ kind: "answer", status: 503 });
    await track(page, "order.paid", { n: 2 });
    await page.goto(on.shop.url("/plain"));
    on.door.misdeed = () => undefined;
    await page.evaluate(() => history.back());
    const visits = await on.stored("page.visit", 2);
    expect(visits[1]?.params.referrer_type).toBe("bfcache");
    await on.stored("order.paid", 2);
    await pause(300);
    expect(await stored("order.paid")).toEqual([1, 2]);
  },
);
