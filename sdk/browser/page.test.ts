/** Manners in the page: one SDK however often it is included, no errors, no leftovers. */

import { expect, test } from "vitest";
import { KEY, snippet } from "./site.js";
import { stage } from "./stage.js";

const on = stage();

test("a second copy of the snippet and of the file is harmless", async () => {
  on.site.pages["/twice"] = `${snippet(`/s/${KEY}.js`)}<script src="/s/${KEY}.js"></script>`;
  const page = await on.visit("/twice");
  await page.evaluate(() => SR.event.trackCustomEvent("asked.once"));
  expect(on.collector.stored("page.visit")).toHaveLength(1);
  expect(on.collector.arrivals.flatMap((arrival) => arrival.events)).toHaveLength(3);
});

test("a reference taken before the SDK arrived goes on working", async () => {
  on.site.delayMs = 200;
  on.site.pages["/early"] = "<script>window.kept = SR.event.trackCustomEvent; window.part = SR.event</script>";
  const page = await on.visit("/early");
  await on.collector.until("page.visit", 1);
  const verdicts = await page.evaluate(() => {
    const early = window as unknown as { kept: typeof SR.event.trackCustomEvent; part: typeof SR.event };
    return Promise.all([early.kept("kept.call"), early.part.trackCustomEvent("part.call")]);
  });
  expect(verdicts.map((verdict) => verdict.status)).toEqual(["stored", "stored"]);
});

test("an invalid action or params are refused at once, with a warning that says why", async () => {
  const page = await on.visit("/strict");
  const said: string[] = [];
  page.on("console", (message) => void said.push(`${message.type()}: ${message.text()}`));
  const verdicts = await page.evaluate(() => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const call = SR.event.trackCustomEvent;
    return Promise.all([call(""), call("nodot"), call(`a.${"x".repeat(31)}`), call("a.b", circle)]);
  });
  expect(verdicts.map(({ status, code }) => [status, code])).toEqual([
    ["rejected", "action_missing"],
    ["rejected", "action_invalid"],
    ["rejected", "action_too_long"],
    ["rejected", "params_invalid"],
  ]);
  expect(said.filter((line) => line.startsWith("warning: [trackway]"))).toHaveLength(4);
});

test("a denied action never leaves the browser; deny wins", async () => {
  on.site.config.rules = { mode: "enforce", allow: ["product.*", "page.*"], deny: ["product.secret"] };
  const page = await on.visit("/ruled");
  const codes = await page.evaluate(async () => {
    const call = SR.event.trackCustomEvent;
    const verdicts = await Promise.all([call("product.secret"), call("other.one"), call("product.view")]);
    return verdicts.map((verdict) => verdict.code ?? verdict.status);
  });
  expect(codes).toEqual(["denied", "not_allowed", "stored"]);
  expect(on.collector.stored().map((event) => event.action)).toEqual(["page.visit", "product.view"]);
});

test("debug shows each event and its verdict", async () => {
  const page = await on.visit("/shown");
  const said: string[] = [];
  page.on("console", (message) => void said.push(message.text()));
  await page.evaluate(() => {
    SR.debug(true);
    return SR.event.trackCustomEvent("seen.here");
  });
  expect(said.some((line) => line.startsWith("[trackway] seen.here"))).toBe(true);
  expect(said.some((line) => line.startsWith("[trackway] stored"))).toBe(true);
});

test("the endpoint is the script's origin unless one is named", async () => {
  on.site.config = {};
  await on.visit("/own");
  await expect.poll(() => on.site.asked.filter((address) => address === "/e").length).toBeGreaterThan(0);
});

test("params.time and a label pass through", async () => {
  const page = await on.visit("/timed");
  await page.evaluate(() =>
    SR.event.trackCustomEvent("entries.count", { time: 1556474400000, entries: 27 }, "Entries"),
  );
  const [event] = on.collector.stored("entries.count");
  expect(event).toMatchObject({ label: "Entries", params: { time: 1556474400000, entries: 27 } });
});
