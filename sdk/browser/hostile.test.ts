/** Pages that do what they should not, or what nobody thinks of: nothing of theirs is harmed, and nothing of ours is lost. */

import { expect, test } from "vitest";
import { ready, shown } from "./acts.js";
import { WHOLE } from "./chromium.js";
import { pause } from "./collector.js";
import { settled, track } from "./say.js";
import { served } from "./served.js";

const on = served();

/** Everything of ours that the browser keeps, in cookies and localStorage. */
const kept = async (page: Awaited<ReturnType<typeof on.visit>>) => [
  ...(await on.context.cookies()).map((cookie) => cookie.name),
  ...(await page.evaluate(() => Object.keys(localStorage))),
];

test("a page that clears localStorage, as many do at a logout, loses no event", async () => {
  const page = await on.visit("/account");
  await on.stored("page.visit", 1);
  on.door.misdeed = () => ({ kind: "answer", status: 503 });
  await track(page, "order.paid", { n: 0 });
  on.door.misdeed = () => undefined;
  await page.evaluate(() => {
    SR.event.trackCustomEvent("order.paid", { n: 1 });
    localStorage.clear();
    SR.event.trackCustomEvent("order.paid", { n: 2 });
  });
  await settled(on, page);
  const paid = await on.server.stored(on.site, "order.paid");
  expect(paid.map(({ params }) => params.n)).toEqual([0, 1, 2]);
  const counts = (await on.server.stored(on.site)).map(({ seq }) => seq);
  expect(new Set(counts).size).toBe(counts.length);
});

test("a page that clears localStorage and is left loses no event", async () => {
  const page = await on.visit("/account");
  await on.stored("page.visit", 1);
  on.shop.pages["/bye"] = "";
  await page.evaluate(() => {
    SR.event.trackCustomEvent("client.logout");
    localStorage.clear();
    location.href = "/bye";
  });
  expect(await on.stored("client.logout", 1)).toHaveLength(1);
});

test("a denial deletes what is the SDK's, and nothing of the page's that is called alike", async () => {
  const page = await on.visit("/page");
  await on.stored("page.visit", 1);
  const left = await page.evaluate(() => {
    for (const name of ["twitter", "tw-theme", "two_factor", "tweaks"]) localStorage.setItem(name, "theirs");
    SR.consent.deny();
    return Object.keys(localStorage).sort();
  });
  expect(left.filter((name) => !name.startsWith("tw:"))).toEqual(["tw-theme", "tweaks", "twitter", "two_factor"]);
});

test.runIf(WHOLE)("an answer given while a page was in the back/forward cache holds in it as well", async () => {
  const page = await on.visit("/first");
  await on.stored("page.visit", 1);
  await page.evaluate(() => Object.assign(window, { marker: true }));
  await page.goto(on.shop.url("/second"));
  await ready(page);
  await page.evaluate(() => SR.consent.deny());
  await page.evaluate(() => history.back());
  await page.waitForFunction(() => "marker" in window);
  expect(await page.evaluate(() => SR.consent.status())).toBe("denied");
  expect(await track(page, "too.late")).toMatchObject({ status: "rejected", code: "consent_denied" });
  await pause(1_200);
  expect(await kept(page)).not.toContain("tw_uuid");
});

test.runIf(WHOLE)("a page in the back/forward cache that waited for an answer records what it held", async () => {
  await on.configure({ consent: "required" });
  const page = await on.visit("/first");
  await track(page, "held.one");
  await page.evaluate(() => Object.assign(window, { marker: true }));
  await page.goto(on.shop.url("/second"));
  await ready(page);
  await page.evaluate(() => SR.consent.grant());
  await on.stored("page.visit", 1);
  await page.evaluate(() => history.back());
  await page.waitForFunction(() => "marker" in window);
  expect(await on.stored("held.one", 1)).toHaveLength(1);
});

test("a setUuid that changes nothing keeps what waits for consent", async () => {
  await on.configure({ consent: "required" });
  const page = await on.visit("/asked");
  await track(page, "held.one");
  await page.evaluate(() => {
    SR.client.setUuid("nonsense");
    SR.client.setUuid(SR.client.getUuid());
    SR.consent.grant();
  });
  expect(await on.stored("held.one", 1)).toHaveLength(1);
});

test("arrays stay arrays on a page that gives them a toJSON of its own", async () => {
  on.shop.pages["/old"] = `<script>Array.prototype.toJSON = function () { return "[" + this.join() + "]"; };</script>`;
  const page = await on.visit("/old");
  await track(page, "cart.view", { skus: ["a", "b"], deep: { rows: [[1], [2]] } });
  const [view] = await on.stored("cart.view", 1);
  expect(view?.params).toMatchObject({ skus: ["a", "b"], deep: { rows: [[1], [2]] } });
});

test("so they do where the site takes params out of events", async () => {
  on.shop.pages["/old"] = `<script>Array.prototype.toJSON = function () { return "[" + this.join() + "]"; };</script>`;
  await on.configure({ sdk_drop_params: ["price"], sdk_scrub_names: ["ref"] });
  const page = await on.visit("/old");
  const lines = [{ sku: "a", price: 1, at: "https://shop.example/a?ref=me&n=1" }];
  await track(page, "cart.view", { lines, price: 9 });
  const [view] = await on.stored("cart.view", 1);
  expect(view?.params.lines).toEqual([{ sku: "a", at: expect.not.stringContaining("ref=me") }]);
  expect(view?.params).not.toHaveProperty("price");
});

test("a text that ends in half of a character is stored, and so is one that was cut there", async () => {
  const long = `${"x".repeat(79)}\u{1f6d2}`;
  const page = await shown(on, `<button data-track="${long}">Buy</button><title>Cut \u{1f6d2}</title>`);
  await page.evaluate(() => {
    document.title = document.title.slice(0, -1);
  });
  await page.click("button");
  const [click] = await on.stored("element.click", 1);
  expect(click?.params.element).toMatch(/^x{79}/);
  await track(page, "odd.text", { text: "half \ud83d", nul: "a\0b" });
  expect(await on.stored("odd.text", 1)).toHaveLength(1);
});

test("a form with fields called like the properties of elements hides no click", async () => {
  const names = ["matches", "closest", "action", "submit", "elements", "parentNode", "id", "name", "target"];
  const fields = names.map((name) => `<input name="${name}">`).join("");
  const page = await shown(on, `<form onsubmit="return false">${fields}<button data-track="go">Go</button></form>`);
  await page.focus("button");
  await page.keyboard.press("Enter");
  expect(await on.stored("element.click", 1)).toHaveLength(1);
});

test("the kill switch in the file stores nothing, not even later", async () => {
  await on.configure({ sdk_stop: true });
  const page = await on.visit("/stopped");
  await pause(1_500);
  expect((await kept(page)).filter((name) => name !== "tw:domain")).toEqual([]);
});

test("the snippet throws nothing where Trusted Types refuse it", async () => {
  const page = await on.context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  on.shop.pages["/strict"] = "";
  on.shop.head = `<meta http-equiv="Content-Security-Policy" content="require-trusted-types-for 'script'">${on.shop.head}`;
  await page.goto(on.shop.url("/strict"));
  await page.evaluate(() => void SR.event.trackCustomEvent("any.thing"));
  expect(errors).toEqual([]);
});

test("a clock that is set back delays nothing", async () => {
  const page = await on.visit("/page");
  await on.stored("page.visit", 1);
  await page.evaluate(() => {
    const now = Date.now;
    SR.event.trackCustomEvent("before.jump");
    Date.now = () => now() - 86_400_000;
  });
  await pause(500);
  await track(page, "after.jump");
  await on.stored("after.jump", 1);
  expect(await on.server.stored(on.site, "before.jump")).toHaveLength(1);
});

test.each([
  ["takes the params away", "delete event.params"],
  ["makes them null", "event.params = null"],
  ["makes them a list", "event.params = [1]"],
  ["makes the label a function", "event.label = () => 1"],
])("a beforeSend that %s takes no other event with it", async (_, script) => {
  const page = await on.visit("/hooked");
  await page.evaluate(
    (body) =>
      SR.init({ beforeSend: new Function("event", `if (event.action === "odd.one") { ${body} }`) as () => void }),
    script,
  );
  await page.evaluate(() => {
    SR.event.trackCustomEvent("good.one", { n: 1 });
    SR.event.trackCustomEvent("odd.one", { n: 2 });
    SR.event.trackCustomEvent("good.one", { n: 3 });
  });
  const good = await on.stored("good.one", 2);
  expect(good.map(({ params }) => params.n)).toEqual([1, 3]);
});

test("localStorage cleared by another tab takes nothing from a tab that waits for the network", async () => {
  const waits = await on.visit("/waits");
  const clears = await on.visit("/clears");
  await on.stored("page.visit", 2);
  on.door.misdeed = () => ({ kind: "refuse" });
  await track(waits, "order.paid", { n: 1 });
  await clears.evaluate(() => localStorage.clear());
  on.door.misdeed = () => undefined;
  await waits.evaluate(() => SR.event.flush());
  expect(await on.stored("order.paid", 1)).toHaveLength(1);
});

test("a cookie of the host alone, left from elsewhere, does not keep reset from making another visitor", async () => {
  const uuid = "0190f1f0-0000-7000-8000-0000000000aa";
  await on.context.addCookies([{ name: "tw_uuid", value: uuid, url: on.shop.url("/", "www.shop.test") }]);
  const page = await on.visit("/page", "www.shop.test");
  await on.stored("page.visit", 1);
  const ids = await page.evaluate(() => {
    SR.client.reset();
    SR.event.trackCustomEvent("after.reset");
    return [SR.client.getUuid(), SR.client.getUuid()];
  });
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(uuid);
  expect((await on.stored("after.reset", 1))[0]?.uuid).toBe(ids[0]);
});
