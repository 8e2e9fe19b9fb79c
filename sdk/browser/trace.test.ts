/**
 * What the SDK costs the main thread, from a trace at a quarter of the processor's speed, on a page of 30 wrappers and
 * 800 rows with tagged banners and forms, every part on that is on by default. `npm run trace` prints the milliseconds.
 * Milliseconds depend on the machine; so the gate is a ratio to a fixed piece of work traced in the same run, which takes
 * what the SDK may take to start: 15 ms where the budget was set. The best of a few rounds counts, since a busy machine
 * only ever adds.
 */

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeEach, expect, test } from "vitest";
import { served } from "./served.js";
import { forced, handling, longest, since, spentIn, total, traced } from "./trace.js";

const on = served();
const ROUNDS = 4;
/** A busy machine only makes things slower: there it gets more tries, not a wider gate. */
const ROUNDS_MOST = 10;
const CLICKS = 20;
/**
 * In units of the fixed work, which stands for 15 ms: start 15 ms, a click 1.5 ms, with the hover and the focus that it brings
 * 2.25 ms, no task of 50 ms. Every click is on a tagged link, the dearest kind.
 */
const START_MOST = 1;
const CLICK_MOST = 0.1;
const WITH_ALL_MOST = 0.15;
const TASK_MOST = 50 / 15;
const FEATURES = ["elements", "outbound", "downloads", "scroll", "forms"];

/** The fixed work: parsing, text and attributes. */
const WORK = `(() => {
  let text = "";
  for (let n = 0; n < 700; n++) {
    const made = JSON.parse(JSON.stringify({ n, name: "row " + n, list: [n, n + 1], url: location.href }));
    text = (text + made.name.replace(/\\d/g, "x")).slice(-200);
    document.body.setAttribute("data-work", text);
  }
})()`;

const row = (n: number) =>
  n % 80 === 1
    ? `<form data-track-form="form-${n}"><input name="email" data-track-field="email"><button type="button">Send</button></form>`
    : n < 40 || n % 20 === 0
      ? `<div data-track="banner-${n}"><a href="#${n}"><span class="hit">Banner ${n}</span></a></div>`
      : `<div class="row"><button type="button"><span class="hit">Row ${n}</span></button></div>`;
const ROWS = "<div>".repeat(30) + Array.from({ length: 800 }, (_, n) => row(n)).join("") + "</div>".repeat(30);
const AFTER = `<script src="/plain/work.js"></script>`;

const told: Record<string, string>[] = [];
const best = (values: number[]) => Math.min(...values);
const tell = (what: string, unit: string, values: number[], most = "") =>
  told.push({
    what,
    best: `${best(values).toFixed(2)} ${unit}`,
    of: values.map((one) => one.toFixed(1)).join(" "),
    most,
  });

afterAll(() => console.table(told));

beforeEach(async () => {
  await on.configure(Object.fromEntries(FEATURES.map((name) => [`sdk_${name}`, true])));
  on.shop.pages["/rows"] = ROWS + AFTER;
  on.shop.texts["/plain/rows"] = `<!doctype html><title>Rows</title>${ROWS}${AFTER}`;
  on.shop.texts["/plain/work.js"] = WORK;
});

function browser(): Browser {
  const found = on.context.browser();
  if (!found) throw new Error("no browser");
  return found;
}

/** An empty tab at a quarter of the speed. */
async function slowTab(): Promise<Page> {
  const page = await on.context.newPage();
  const session = await on.context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  return page;
}

test("the SDK starts within its share, in no long task, without a forced layout", async () => {
  const starts: number[] = [];
  const tasks: number[] = [];
  const shares: number[] = [];
  const long: number[] = [];
  for (let n = 0; n < ROUNDS || (n < ROUNDS_MOST && best(shares) > START_MOST); n++) {
    const page = await slowTab();
    const trace = await traced(browser(), page, async () => {
      await page.goto(on.shop.url("/rows"));
      await page.waitForTimeout(1_500);
    });
    await page.close();
    const ours = spentIn(trace, "/s/");
    const work = total(spentIn(trace, "work.js"));
    const start = total(ours.filter((slice) => slice.name !== "FunctionCall"));
    expect(forced(trace, ours)).toEqual([]);
    starts.push(start);
    tasks.push(longest(ours));
    shares.push(start / work);
    long.push(longest(ours) / work);
  }
  tell("start, at a quarter of the speed", "ms", starts, "15 ms");
  tell("longest task of the SDK's after it", "ms", tasks, "50 ms");
  tell("start, in units of the fixed work", "", shares, String(START_MOST));
  expect(best(shares)).toBeLessThanOrEqual(START_MOST);
  expect(best(long)).toBeLessThanOrEqual(TASK_MOST);
}, 180_000);

/** Clicks on rows and banners with a real mouse; answers the interactions' durations, as the browser measures INP. */
async function clickAbout(page: Page): Promise<number[]> {
  await page.evaluate(() => {
    const durations: number[] = [];
    Object.assign(window, { durations });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { interactionId: number })[])
        if (entry.interactionId) durations.push(entry.duration);
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  });
  const boxes = await page.locator(".hit").evaluateAll(
    (all, most) =>
      all.slice(0, most).map((one) => {
        const { x, y } = one.getBoundingClientRect();
        return { x: x + 3, y: y + 3 };
      }),
    CLICKS,
  );
  for (const { x, y } of boxes) await page.mouse.click(x, y);
  await page.waitForTimeout(300);
  return page.evaluate(() => (window as unknown as { durations: number[] }).durations);
}

test("a click costs its share, forces no layout, and interactions are as quick as without the SDK", async () => {
  const clicks: number[] = [];
  const costs: number[] = [];
  const wholes: number[] = [];
  const shares: number[] = [];
  const sharesWithAll: number[] = [];
  const inp: Record<string, number[]> = { "/rows": [], "/plain/rows": [] };
  const over = () => best(shares) > CLICK_MOST || best(sharesWithAll) > WITH_ALL_MOST;
  for (let n = 0; n < ROUNDS || (n < ROUNDS_MOST && over()); n++)
    for (const path of Object.keys(inp)) {
      const page = await slowTab();
      let loaded = 0;
      const trace = await traced(browser(), page, async () => {
        await page.goto(on.shop.url(path));
        await page.waitForTimeout(1_200);
        const durations = await clickAbout(page);
        loaded = Math.max(0, ...durations);
      });
      await page.close();
      inp[path]?.push(loaded);
      if (path !== "/rows") continue;
      const all = spentIn(trace, "/s/");
      const ours = handling(trace, all);
      expect(forced(trace, ours)).toEqual([]);
      const unit = total(spentIn(trace, "work.js"));
      const click = total(handling(trace, all, /^click/)) / CLICKS;
      clicks.push(click);
      costs.push(total(ours) / CLICKS);
      wholes.push(total(since(trace, all)) / CLICKS);
      shares.push(click / unit);
      sharesWithAll.push(total(ours) / CLICKS / unit);
    }
  tell("one click", "ms", clicks, "1.5 ms");
  tell("with its hover and its focus", "ms", costs, "2.25 ms");
  tell("with what is done after its turn, requests too", "ms", wholes);
  tell("one click, in units of the fixed work", "", shares, String(CLICK_MOST));
  tell("with its hover and its focus, in those", "", sharesWithAll, String(WITH_ALL_MOST));
  tell("INP with the SDK", "ms", inp["/rows"] ?? []);
  tell("INP without", "ms", inp["/plain/rows"] ?? []);
  expect(best(shares)).toBeLessThanOrEqual(CLICK_MOST);
  expect(best(sharesWithAll)).toBeLessThanOrEqual(WITH_ALL_MOST);
}, 240_000);

test("nothing asks Intl while the page starts: the first question alone costs 50 ms on a slow phone", async () => {
  await on.context.addInitScript(() => {
    const asked: string[] = [];
    Object.assign(window, { asked });
    for (const name of ["DateTimeFormat", "NumberFormat", "Collator", "PluralRules"] as const) {
      const native = Intl[name] as unknown as (...args: unknown[]) => unknown;
      Object.defineProperty(Intl, name, {
        value: (...args: unknown[]) => {
          asked.push(name);
          return Reflect.construct(native, args);
        },
      });
    }
    for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"] as const)
      Date.prototype[name] = () => {
        asked.push(name);
        return "";
      };
  });
  const page = await on.visit("/rows");
  await on.stored("page.visit", 1);
  expect(await page.evaluate(() => (window as unknown as { asked: string[] }).asked)).toEqual([]);
});
