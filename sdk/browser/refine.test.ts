/** What never leaves the browser: secrets in addresses, unwanted params, what the page's hook or the site holds back. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { pause } from "./collector.js";
import { PLANTED } from "./secrets.js";
import { served } from "./served.js";

const on = served();
const { urlToken, urlMail, urlJwt } = PLANTED;
const SECRETS = [urlToken, urlMail, encodeURIComponent(urlMail), urlJwt, "4711-own"];
const PLANTS = `email=${encodeURIComponent(urlMail)}&reset_token=${urlToken}&id=${urlJwt}&ref=${urlMail}&page=2`;
const track = (page: Page, action: string, params = {}) =>
  page.evaluate(([name, more]) => SR.event.trackCustomEvent(name, more), [action, params] as [
    string,
    Record<string, unknown>,
  ]);
const sent = () => on.door.knocks.map((knock) => knock.body).join("\n");

test("secrets and e-mail addresses in addresses never leave the browser", async () => {
  await on.configure({ sdk_scrub_names: ["member"] });
  on.shop.pages["/mail"] = `<a id="on" href="/next?utm_content=${urlMail}&utm_source=mail">on</a>`;
  const page = await on.visit(`/mail?${PLANTS}&member=4711-own#access_token=${urlToken}`);
  await on.stored("page.visit", 1);
  await page.click("#on");
  await on.stored("page.visit", 2);
  await page.evaluate((url) => history.pushState({}, "", url), `/reset/${urlMail}?password=${urlToken}`);
  await track(page, "link.shown", { href: `https://other.example/?token=${urlToken}&kept=yes`, note: "no address" });
  const [shown] = await on.stored("link.shown", 1);
  const [first, second] = await on.stored("page.visit", 3);
  for (const secret of SECRETS) expect(sent()).not.toContain(secret);
  expect(first?.params.url).toContain("page=2");
  expect(first?.params.url).toContain("email=removed");
  expect(second?.params).toMatchObject({ utm_source: "mail", utm_content: "removed" });
  expect(shown?.params).toMatchObject({ href: "https://other.example/?token=removed&kept=yes", note: "no address" });
});

test("where the site wants whole addresses they are whole", async () => {
  await on.configure({ sdk_scrub: false });
  await on.visit("/mail?reset_token=s3cr3t");
  expect((await on.stored("page.visit", 1))[0]?.params.url).toContain("reset_token=s3cr3t");
});

test("params on the site's list are taken out at any depth", async () => {
  await on.configure({ sdk_drop_params: ["price", "salary"] });
  const page = await on.visit("/listed");
  await track(page, "order.paid", { price: 5, sku: "A", lines: [{ price: 3, sku: "B" }], who: { salary: 1, n: 2 } });
  const [paid] = await on.stored("order.paid", 1);
  expect(paid?.params).toMatchObject({ sku: "A", lines: [{ sku: "B" }], who: { n: 2 } });
  expect(sent()).not.toMatch(/price|salary/);
});

test("beforeSend changes events, drops events, and one that fails drops rather than leaks", async () => {
  on.shop.pages["/hooked"] = `<script>SR.init({beforeSend(event){
    if(event.action==="no.thanks")return null;
    if(event.action==="broken.one")throw new Error("hook");
    if(event.action==="not.this")return false;
    event.params.title="hidden";event.params.added=1;if(event.label)event.label=event.label.toUpperCase();
  }})</script>`;
  const page = await on.visit("/hooked");
  const codes = await page.evaluate(async () => {
    const call = SR.event.trackCustomEvent;
    const all = [call("no.thanks"), call("broken.one"), call("not.this"), call("fine.one", { n: 1 }, "fine")];
    return (await Promise.all(all)).map((verdict) => verdict.code ?? verdict.status);
  });
  expect(codes).toEqual(["before_send", "before_send", "before_send", "stored"]);
  const [fine] = await on.stored("fine.one", 1);
  expect(fine?.label).toBe("FINE");
  expect(fine?.params).toMatchObject({ n: 1, title: "hidden", added: 1 });
  expect((await on.stored("page.visit", 1))[0]?.params.title).toBe("hidden");
  expect(sent()).not.toContain("Title of");
});

test("the kill switch in the file: nothing is recorded, stored or sent", async () => {
  await on.configure({ sdk_stop: true });
  const page = await on.visit("/stopped");
  expect(await track(page, "too.late")).toMatchObject({ status: "rejected", code: "stopped" });
  await pause(600);
  expect(on.door.knocks).toEqual([]);
});

test("the kill switch in an answer stops a page that is open", async () => {
  const page = await on.visit("/open");
  await on.stored("page.visit", 1);
  await on.configure({ sdk_stop: true });
  expect(await track(page, "last.one")).toMatchObject({ status: "stored" });
  expect(await track(page, "too.late")).toMatchObject({ status: "rejected", code: "stopped" });
  const knocks = on.door.knocks.length;
  await page.evaluate(() => SR.event.flush());
  expect(on.door.knocks).toHaveLength(knocks);
});

test("a rule that came after the page is learned from the first refusal", async () => {
  const page = await on.visit("/open");
  await on.stored("page.visit", 1);
  await on.server.api("PUT", `/sites/${on.site.id}/rules`, { mode: "enforce", allow: [], deny: ["cart.*"] });
  expect(await track(page, "cart.add")).toMatchObject({
    status: "rejected",
    code: "denied",
    id: expect.stringMatching(/-/),
  });
  const knocks = on.door.knocks.length;
  expect(await track(page, "cart.add")).toMatchObject({ status: "rejected", code: "denied", id: "" });
  expect(on.door.knocks).toHaveLength(knocks);
  expect(await track(page, "order.paid")).toMatchObject({ status: "stored" });
});

test("a browser that a program drives is recorded like any, unless the site ignores such", async () => {
  const page = await on.visit("/driven");
  expect(await page.evaluate(() => navigator.webdriver)).toBe(true);
  await on.stored("page.visit", 1);
  await on.configure({ sdk_bots: "ignore" });
  const other = await (await on.context.browser()?.newContext())?.newPage();
  await other?.goto(on.shop.url("/ignored"));
  const verdict = await other?.evaluate(() => SR.event.trackCustomEvent("by.program"));
  expect(verdict).toMatchObject({ status: "rejected", code: "automated" });
  expect(await other?.evaluate(() => [document.cookie, localStorage.length])).toEqual(["", 0]);
  await other?.context().close();
  expect(await on.server.stored(on.site, "page.visit")).toHaveLength(1);
});
