/** The queue that outlives its page: tabs that close, a browser that closes, storage that is full or refused. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { persistent, WHOLE } from "./chromium.js";
import { settled, track, tracks } from "./say.js";
import { served } from "./served.js";

const on = served();
const refuse = () => {
  on.door.misdeed = () => ({ kind: "refuse" });
};
const allow = () => {
  on.door.misdeed = () => undefined;
};
const numbers = async (action: string) =>
  (await on.server.stored(on.site, action)).map((event) => Number(event.params.n)).sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

test("closing the browser loses nothing: the same profile delivers it, once, as the same visitor", async () => {
  const profile = mkdtempSync(join(tmpdir(), "trackway-profile-"));
  refuse();
  const before = await persistent(profile);
  const page = await before.newPage();
  await page.goto(on.shop.url("/before"));
  await tracks(page, "order.paid", 5);
  const uuid = await page.evaluate(() => SR.client.getUuid());
  await before.close();
  expect(await numbers("order.paid")).toEqual([]);
  allow();
  const after = await persistent(profile);
  const again = await after.newPage();
  await again.goto(on.shop.url("/after"));
  await on.stored("order.paid", 5);
  const all = await settled(on, again);
  await after.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  expect(await numbers("order.paid")).toEqual(upTo(5));
  expect(new Set(all.map((event) => event.uuid))).toEqual(new Set([uuid]));
  const paths = all.filter((event) => event.action === "page.visit").map((event) => String(event.params.url));
  expect(paths.map((url) => new URL(url).pathname)).toEqual(["/before", "/after"]);
});

test("five tabs at once, a collector that fails every other time, and one tab closed: each event once", async () => {
  let asked = 0;
  on.door.misdeed = () => [undefined, { kind: "cut" as const }, { kind: "answer" as const, status: 503 }][asked++ % 3];
  const pages = await Promise.all(upTo(5).map((n) => on.visit(`/tab/${n}`)));
  await Promise.all(
    pages.map((page, tab) =>
      page.evaluate((which) => {
        for (let n = 0; n < 20; n++) SR.event.trackCustomEvent("busy.tab", { n: which * 20 + n });
      }, tab),
    ),
  );
  await pages[4]?.close();
  allow();
  await pages[0]?.bringToFront();
  await pages[0]?.reload();
  await on.server.until(on.site, "busy.tab", 100, 20_000);
  expect(await numbers("busy.tab")).toEqual(upTo(100));
  const visits = await on.stored("page.visit", 6);
  expect(visits).toHaveLength(6);
  expect(new Set(visits.map((event) => event.uuid)).size).toBe(1);
}, 40_000);

test("a closed tab's events are taken over by a page of the site that opens later", async () => {
  refuse();
  const page = await on.visit("/closing");
  await tracks(page, "left.behind", 3);
  await page.close();
  allow();
  await on.visit("/elsewhere");
  await on.stored("left.behind", 3);
  expect(await numbers("left.behind")).toEqual([0, 1, 2]);
});

test.runIf(WHOLE)(
  "a page in the back/forward cache holds no lock, and another tab that looks does not evict it",
  async () => {
    const page = await on.visit("/kept");
    await on.stored("page.visit", 1);
    await page.evaluate(() => Object.assign(window, { marker: true }));
    await page.goto(on.shop.url("/plain"));
    const other = await on.visit("/other");
    const held = () =>
      other.evaluate(async () => {
        const state = await navigator.locks.query();
        return (state.held ?? []).map((lock) => lock.name).filter((name) => name?.startsWith("tw:tab:")).length;
      });
    await expect.poll(held).toBe(1);
    await on.stored("page.visit", 2);
    await page.bringToFront();
    await page.evaluate(() => history.back());
    await on.stored("page.visit", 3);
    expect(await page.evaluate(() => "marker" in window)).toBe(true);
  },
);

test("storage that the site has filled: events are delivered, and the site's own data stays", async () => {
  on.shop.pages["/full"] = `<script>
    let block = "x".repeat(1 << 20), n = 0;
    while (block.length) try { localStorage.setItem("host" + n, block); n++ } catch { block = block.slice(1 + block.length / 2) }
    window.blocks = n</script>`;
  const page = await on.visit("/full");
  await tracks(page, "order.paid", 5);
  const all = await settled(on, page);
  expect(await numbers("order.paid")).toEqual(upTo(5));
  expect(all.filter((event) => event.action === "page.visit")).toHaveLength(1);
  const kept = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("host")).length);
  expect(kept).toBe(await page.evaluate(() => (window as unknown as { blocks: number }).blocks));
});

test("the queue never takes more than half a megabyte of the site's storage, and tells what it gave up", async () => {
  refuse();
  const page = await on.visit("/flood");
  await page.evaluate(() => {
    for (let n = 0; n < 40; n++) SR.event.trackCustomEvent("big.event", { n, text: "x".repeat(30_000) });
  });
  const used = await page.evaluate(() =>
    Object.entries(localStorage).reduce((sum, [key, value]) => sum + (key.startsWith("tw") ? value.length : 0), 0),
  );
  expect(used).toBeLessThanOrEqual(540_000);
  allow();
  await settled(on, page);
  const kept = await numbers("big.event");
  expect(kept.length).toBeGreaterThan(10);
  expect(kept).toEqual(upTo(40).slice(-kept.length));
  const now = Date.now();
  const path = `/sites/${on.site.id}/ledger?from=${now - 600_000}&to=${now + 600_000}`;
  const lost = async () => (await on.server.api<{ dropped: number }>("GET", path)).dropped;
  await expect.poll(lost).toBeGreaterThanOrEqual(40 - kept.length);
});

test("a frame that may store nothing still delivers, and throws nothing into the page", async () => {
  on.shop.pages["/outer"] = `<iframe sandbox="allow-scripts" src="/inner"></iframe>`;
  on.shop.pages["/inner"] =
    `<script>addEventListener("error",()=>SR.event.trackCustomEvent("page.error"));SR.event.trackCustomEvent("inner.called")</script>`;
  const page = await on.visit("/outer");
  await on.stored("inner.called", 1);
  await settled(on, page);
  expect(await on.server.stored(on.site, "page.error")).toEqual([]);
});

test("an event keeps the time, the page and the visitor of the moment it was recorded", async () => {
  refuse();
  const page = await on.visit("/first");
  const before = await page.evaluate(() => {
    const at = Date.now();
    SR.event.trackCustomEvent("order.paid", { n: 1 });
    return { at, until: Date.now(), uuid: SR.client.getUuid() };
  });
  await page.evaluate(() => {
    history.pushState({}, "", "/second");
    document.title = "Second";
    SR.client.reset();
  });
  await track(page, "order.paid", { n: 2 });
  allow();
  await page.evaluate(() => SR.event.flush());
  const [first, second] = await on.stored("order.paid", 2);
  expect(first).toMatchObject({ uuid: before.uuid, params: { n: 1, title: "Title of /first" } });
  expect(first?.time).toBeGreaterThanOrEqual(before.at);
  expect(first?.time).toBeLessThanOrEqual(before.until);
  expect(second).toMatchObject({ params: { n: 2, title: "Second" } });
  expect(second?.uuid).not.toBe(before.uuid);
  expect(second?.session).not.toBe(first?.session);
});

test("seq counts each uuid's events from 1, over pages and tabs, without a hole", async () => {
  const page = await on.visit("/one");
  await tracks(page, "order.paid", 3);
  const other = await on.visit("/two");
  await tracks(other, "order.paid", 2);
  await other.evaluate(() => SR.client.reset());
  await tracks(other, "after.reset", 2);
  const all = await settled(on, other);
  const after = await on.stored("after.reset", 2);
  const seqs = (uuid: string | undefined) =>
    all
      .filter((event) => event.uuid === uuid)
      .map((event) => Number(event.seq))
      .sort((a, b) => a - b);
  expect(seqs(all[0]?.uuid)).toEqual(upTo(8).map((n) => n + 1));
  expect(seqs(after[0]?.uuid)).toEqual([1, 2, 3]);
});
