/** Pages that are not looked at: hidden tabs and prerendered pages, in a browser with nothing attached. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Unattended, unattended, WHOLE } from "./chromium.js";
import { Collector, pause, until } from "./collector.js";
import { Site } from "./site.js";

let browser: Unattended;
const site = new Site();
let collector: Collector;

beforeAll(async () => {
  browser = await unattended();
  await site.open();
});
beforeEach(async () => {
  collector = new Collector();
  await collector.open();
  site.config = { endpoint: collector.origin };
});
afterEach(() => collector.close());
afterAll(async () => {
  await browser.quit();
  await site.close();
});

const visited = () => collector.stored("page.visit").map((event) => new URL(String(event.params.url)).pathname);
const RULES = `<script type="speculationrules">{"prerender":[{"urls":["/ahead"],"eagerness":"immediate"}]}</script>`;
/** A prerendered page says so with a custom event, which must wait for the visit as well. */
const AHEAD = `<script>SR.event.trackCustomEvent("ahead.called");fetch("/plain?prerendered="+document.prerendering)</script>`;

test("a page that is prerendered and never shown sends nothing", async () => {
  site.pages["/from"] = RULES;
  site.pages["/ahead"] = AHEAD;
  const tab = await browser.open(site.url("/from"));
  await until(
    () => site.asked.includes("/plain?prerendered=true"),
    () => "the prerendering",
  );
  await collector.until("page.visit", 1);
  await pause(600);
  await browser.close(tab);
  await pause(200);
  expect(visited()).toEqual(["/from"]);
  expect(collector.stored("ahead.called")).toEqual([]);
});

test("a page that is prerendered stores nothing before it is shown, whatever it calls", async () => {
  site.asked = [];
  site.pages["/ahead"] = `<script>
    SR.client.getUuid(); SR.client.setUuid("0190aaaa-0000-7000-8000-00000000abcd"); SR.client.reset();
    SR.event.pageVisit(); SR.event.trackCustomEvent("ahead.called"); SR.client.identify({ customId: "7" });
    setTimeout(() => {
      const kept = Object.keys(localStorage).filter((key) => key.startsWith("tw")).concat(document.cookie);
      fetch("/plain?ahead=" + document.prerendering + "&kept=" + encodeURIComponent(JSON.stringify(kept)));
    }, 900)</script>`;
  site.texts["/plain/from"] = `<!doctype html>${RULES}`;
  const from = await browser.open(site.url("/plain/from", "ahead.test"));
  await until(
    () => site.asked.some((address) => address.startsWith("/plain?ahead=true")),
    () => `the prerendering; asked: ${site.asked}`,
  );
  const said = site.asked.find((address) => address.startsWith("/plain?ahead=true"));
  await browser.close(from);
  expect(decodeURIComponent(said?.split("kept=")[1] ?? "")).toBe('[""]');
  expect(collector.stored()).toEqual([]);
});

test("a page that is prerendered and then shown sends its visit once, then what waited", async () => {
  site.asked = [];
  site.pages["/from"] = `${RULES}<a id="go" href="/ahead">go</a>
    <script>const wait=()=>fetch("/plain-go").then(r=>r.text()).then(t=>t.includes("now")?go.click():setTimeout(wait,50));wait()</script>`;
  site.pages["/ahead"] = AHEAD;
  const tab = await browser.open(site.url("/from"));
  await until(
    () => site.asked.includes("/plain?prerendered=true"),
    () => "the prerendering",
  );
  await pause(300);
  const shownAfter = Date.now();
  site.texts["/plain-go"] = "now";
  await collector.until("ahead.called", 1);
  await pause(300);
  expect(visited()).toEqual(["/from", "/ahead"]);
  const visit = collector.stored("page.visit")[1];
  expect(visit?.time).toBeGreaterThanOrEqual(shownAfter);
  const actions = collector.stored().map((event) => event.action);
  expect(actions.indexOf("ahead.called")).toBeGreaterThan(actions.lastIndexOf("page.visit"));
  await browser.close(tab);
});

test.runIf(WHOLE)("a tab opened in the background is visited when it is first shown", async () => {
  site.delayMs = 700;
  const behind = await browser.open(site.url("/behind"));
  const front = await browser.open(site.url("/plain"));
  await pause(1_200);
  expect(visited()).toEqual([]);
  const shownAfter = Date.now();
  await browser.show(behind);
  const [visit] = await collector.until("page.visit", 1);
  expect(visit?.time).toBeGreaterThanOrEqual(shownAfter);
  await browser.show(front);
  await browser.show(behind);
  await pause(300);
  expect(visited()).toEqual(["/behind"]);
  site.delayMs = 0;
});
