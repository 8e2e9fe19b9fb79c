/** What a visit leaves on the real server: the shipped file, the real collector, read back through the API. */

import { expect, test } from "vitest";
import type { WireEvent } from "../src/event.js";
import { until } from "./collector.js";
import { served } from "./served.js";

const on = served();

test("a visit and an own event are stored with their page, session and order", async () => {
  const page = await on.visit("/shoes");
  await page.evaluate(() => globalThis.SR.event.trackCustomEvent("product.buy", { sku: "A-17" }, "Bought blue shoes"));
  const [bought] = await on.stored("product.buy", 1);
  const [visit] = await on.stored("page.visit", 1);
  expect(bought?.label).toBe("Bought blue shoes");
  expect(bought?.params).toMatchObject({ sku: "A-17", title: "Title of /shoes" });
  expect(visit?.label).toBe("Visited page Title of /shoes");
  expect(visit?.session).toBe(bought?.session);
  expect(visit?.seq).toBeLessThan(bought?.seq ?? 0);
});

test("what the server stored before the connection was cut counts once", async () => {
  let cuts = 0;
  on.door.misdeed = () => (cuts++ ? undefined : { kind: "cut" });
  await on.visit("/cut");
  await on.stored("page.visit", 1);
  await until(
    () => on.door.knocks.length > 1,
    () => "the second try",
  );
  const [first, second] = on.door.knocks.map((knock) => JSON.parse(knock.body).events.map((one: WireEvent) => one.id));
  expect(second).toEqual(expect.arrayContaining(first));
  expect(await on.server.stored(on.site, "page.visit")).toHaveLength(1);
});
