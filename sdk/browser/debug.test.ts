/** The list that SR.debug() shows: what became of each event, and that it leaves the page alone. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { served } from "./served.js";

const on = served();

async function debugged(path = "/page"): Promise<Page> {
  const page = await on.visit(path);
  await on.stored("page.visit", 1);
  await page.evaluate(() => globalThis.SR.debug(true));
  await page.getByRole("region", { name: "Trackway events" }).waitFor();
  return page;
}

/** The listed events, the newest first: action, state, why. */
const listed = (page: Page): Promise<string[]> =>
  page
    .locator("trackway-debug li")
    .evaluateAll((rows) =>
      rows.map((row) => ["action", "state", "why"].map((part) => row.querySelector(`.${part}`)?.textContent).join("|")),
    );

test("each event is listed with what became of it", async () => {
  const page = await debugged();
  await page.evaluate(() => globalThis.SR.event.trackCustomEvent("test.stored", { sku: "A-17" }));
  await expect.poll(() => listed(page)).toEqual(["test.stored|stored|"]);
  await page.locator("trackway-debug summary").click();
  expect(await page.locator("trackway-debug pre").textContent()).toContain(`"sku": "A-17"`);
});

test("queued and sent are shown while an event waits", async () => {
  on.door.misdeed = (knock) => (knock.body.includes("test.wait") ? { kind: "hang" } : undefined);
  const page = await debugged();
  // Read in the same turn: a quarter of a second later it may be sent.
  const state = await page.evaluate(() => {
    globalThis.SR.event.trackCustomEvent("test.wait");
    return document.querySelector("trackway-debug")?.shadowRoot?.querySelector("li .state")?.textContent;
  });
  expect(state).toBe("queued");
  await expect.poll(() => listed(page)).toEqual(["test.wait|sent|waiting for the answer"]);
});

test("a refusal says why, whoever refused", async () => {
  await on.server.api("PUT", `/sites/${on.site.id}/rules`, { mode: "enforce", allow: [], deny: ["test.denied"] });
  const page = await debugged();
  await page.evaluate(async () => {
    await globalThis.SR.event.trackCustomEvent("test.denied");
    await globalThis.SR.event.trackCustomEvent("no context");
    await globalThis.SR.event.trackCustomEvent("session.end");
  });
  const rows = await listed(page);
  expect(rows[2]).toBe("test.denied|rejected|denied: not sent");
  expect(rows[1]).toBe("no context|rejected|action_invalid: not sent");
  expect(rows[0]).toMatch(/^session\.end\|rejected\|server_only: .+/);
});

test("a server that does not answer well is named", async () => {
  on.door.misdeed = (knock) => (knock.body.includes("test.busy") ? { kind: "answer", status: 503 } : undefined);
  const page = await debugged();
  await page.evaluate(() => globalThis.SR.event.trackCustomEvent("test.busy"));
  await expect.poll(() => listed(page)).toEqual(["test.busy|queued|the server answered 503; will be tried again"]);
});

test("Escape closes it and nothing of it is left; debug(false) does too, and the console is quiet again", async () => {
  const page = await debugged();
  await page.keyboard.press("Escape");
  expect(await page.locator("trackway-debug").count()).toBe(0);
  await page.evaluate(() => globalThis.SR.debug(true));
  await page.getByRole("region").waitFor();
  expect(await page.locator("trackway-debug").count()).toBe(1);
  await page.evaluate(() => globalThis.SR.debug(false));
  expect(await page.locator("trackway-debug").count()).toBe(0);
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  await page.evaluate(() => globalThis.SR.event.trackCustomEvent("test.quiet"));
  expect(said.filter((text) => text.includes("trackway"))).toEqual([]);
});

test("its buttons clear and close it, by keyboard too", async () => {
  const page = await debugged();
  await page.evaluate(() => globalThis.SR.event.trackCustomEvent("test.stored"));
  await expect.poll(() => listed(page)).toHaveLength(1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await listed(page)).toEqual([]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.locator("trackway-debug").count()).toBe(0);
});

test("markup in an event stays text", async () => {
  const page = await debugged();
  await page.evaluate(() =>
    globalThis.SR.event.trackCustomEvent("test.markup", { x: "<img src=x onerror='window.hit=1'>" }),
  );
  await expect.poll(() => listed(page)).toEqual(["test.markup|stored|"]);
  expect(await page.locator("trackway-debug img").count()).toBe(0);
});

test("under a strict Content-Security-Policy with Trusted Types everything loads, and nothing is reported", async () => {
  await on.configure({ sdk_errors: true, sdk_vitals: true });
  const policy = `default-src 'none'; script-src 'nonce-n0' ; connect-src ${on.door.origin}; require-trusted-types-for 'script'; trusted-types 'none'`;
  on.shop.head = `<meta http-equiv="Content-Security-Policy" content="${policy}">
    <script nonce="n0">window.broken = []; document.addEventListener("securitypolicyviolation", (e) => broken.push(e.violatedDirective + " " + e.blockedURI));</script>
    <script nonce="n0" src="${on.door.origin}/s/${on.site.key}.js"></script>`;
  const page = await on.context.newPage();
  const vitals = page.waitForResponse(/\/s\/vitals-/);
  const errors = page.waitForResponse(/\/s\/errors-/);
  await page.goto(on.shop.url("/strict"));
  await page.evaluate(() => globalThis.SR.debug(true));
  await page.getByRole("region", { name: "Trackway events" }).waitFor();
  expect([(await vitals).status(), (await errors).status()]).toEqual([200, 200]);
  expect(await page.locator("trackway-debug section").evaluate((panel) => getComputedStyle(panel).position)).toBe(
    "fixed",
  );
  await page.evaluate(() =>
    setTimeout(() => {
      throw new Error("strict");
    }),
  );
  await on.stored("error.javascript", 1);
  expect(await page.evaluate(() => (globalThis as unknown as { broken: string[] }).broken)).toEqual([]);
});
