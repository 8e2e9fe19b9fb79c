/** Where the file and its events go, when the settings say otherwise: another endpoint, other paths. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { track } from "./say.js";
import { served } from "./served.js";
import { RealServer } from "./server.js";
import { snippet } from "./site.js";

const on = served();
const renamed = new RealServer({ TRACKWAY_COLLECT_PATH: "/shop/data", TRACKWAY_SDK_PATH: "/shop/files/" });

beforeAll(() => renamed.open(), 60_000);
afterAll(async () => {
  await renamed.close();
  renamed.remove();
});

test("events go to the origin that the file was loaded from, and to another where the site's settings name one", async () => {
  on.shop.head = snippet(`${on.server.origin}/s/${on.site.key}.js`);
  await track(await on.visit("/near"), "order.paid");
  expect(await on.stored("order.paid", 1)).toHaveLength(1);
  expect(on.door.knocks).toEqual([]);
  const elsewhere = await on.server.addSite({ sdk_endpoint: on.door.origin });
  on.shop.head = snippet(`${on.server.origin}/s/${elsewhere.key}.js`);
  await track(await on.visit("/far"), "order.paid");
  expect(await on.server.until(elsewhere, "order.paid", 1)).toHaveLength(1);
  expect(on.door.knocks.length).toBeGreaterThan(0);
});

test("with renamed paths the file, what it loads, and its events all go there", async () => {
  const site = await renamed.addSite({ sdk_errors: true, sdk_drop_params: ["price"] });
  on.shop.head = snippet(`${renamed.origin}/shop/files/${site.key}.js`);
  on.shop.pages["/shop"] = "<script>SR.init().then(() => setTimeout(() => missing()))</script>";
  const asked: string[] = [];
  on.context.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const page = await on.visit("/shop");
  await track(page, "order.paid", { price: 1, n: 1 });
  const [paid] = await renamed.until(site, "order.paid", 1);
  expect(paid?.params).not.toHaveProperty("price");
  await renamed.until(site, "error.javascript", 1);
  const own = asked.filter((path) => path !== "/shop" && path !== "/favicon.ico");
  expect(own.every((path) => /^\/shop\/(data$|files\/)/.test(path))).toBe(true);
});
