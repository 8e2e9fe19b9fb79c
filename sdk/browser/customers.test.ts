/** Who an event belongs to: customers who share a device, and tokens that prove who it is. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { pause, until } from "./collector.js";
import { served } from "./served.js";
import { addKey, sign, token } from "./tokens.js";

const on = served();
const track = (page: Page, action: string, params = {}) =>
  page.evaluate(([name, more]) => SR.event.trackCustomEvent(name, more), [action, params] as [
    string,
    Record<string, unknown>,
  ]);
const tokensOf = (action: string) =>
  on.door.knocks
    .map((knock) => JSON.parse(knock.body))
    .filter((body) => body.events.some((event: { action: string }) => event.action === action))
    .map((body) => body.token);

test("another known customer on the device becomes another visitor; the same one does not", async () => {
  const page = await on.visit("/shared");
  const uuids = await page.evaluate(async () => {
    const seen = [SR.client.getUuid()];
    for (const who of [
      { customId: "C-1" },
      { customId: "C-1", email: "new@mail.example" },
      { email: "new@mail.example" },
      { customId: "C-2" },
      { email: "third@mail.example" },
    ]) {
      await SR.client.identify(who);
      seen.push(SR.client.getUuid());
    }
    return seen;
  });
  const [anonymous, first, same, again, second, mail] = uuids;
  expect([first, same, again]).toEqual([anonymous, anonymous, anonymous]);
  expect(second).not.toBe(first);
  expect(mail).toBe(second);
  const identified = await on.stored("client.identify", 5);
  expect(identified.map((event) => event.uuid)).toEqual([first, same, again, second, mail]);
  expect(new Set(identified.map((event) => event.session)).size).toBe(2);
});

test("a customer known by e-mail alone is told apart by it", async () => {
  const page = await on.visit("/mail");
  const [first, same, other] = await page.evaluate(async () => {
    const seen: string[] = [];
    for (const email of ["ann@mail.example", " Ann@mail.example", "bob@mail.example"]) {
      await SR.client.identify({ email });
      seen.push(SR.client.getUuid());
    }
    return seen;
  });
  expect(same).toBe(first);
  expect(other).not.toBe(first);
});

test("a customer known on one page is another's predecessor on the next; reset forgets them", async () => {
  const page = await on.visit("/one");
  const first = await page.evaluate(async () => {
    await SR.client.identify({ customId: "C-1" });
    return SR.client.getUuid();
  });
  await page.goto(on.shop.url("/two"));
  const second = await page.evaluate(async () => {
    await SR.client.identify({ customId: "C-2" });
    return SR.client.getUuid();
  });
  expect(second).not.toBe(first);
  const [cookie] = (await on.context.cookies()).filter(({ name }) => name === "tw_known");
  expect(cookie?.value).not.toContain("C-2");
  const [fresh, third] = await page.evaluate(async () => {
    SR.client.reset();
    const own = SR.client.getUuid();
    await SR.client.identify({ customId: "C-3" });
    return [own, SR.client.getUuid()];
  });
  expect(third).toBe(fresh);
});

test("what waits in the queue keeps who it was captured under", async () => {
  const page = await on.visit("/queued");
  await on.stored("page.visit", 1);
  await on.door.close();
  const uuids = await page.evaluate(async () => {
    const seen: string[] = [];
    for (const customId of ["C-1", "C-2"]) {
      SR.client.identify({ customId });
      SR.event.trackCustomEvent("cart.add", { customId });
      seen.push(SR.client.getUuid());
    }
    SR.client.setUuid("0190aaaa-0000-7000-8000-00000000abcd");
    await SR.event.trackCustomEvent("cart.add", { customId: "set" });
    return [...seen, SR.client.getUuid()];
  });
  await on.door.open();
  const added = await on.stored("cart.add", 3);
  // All within a millisecond, so that their order says nothing: each uuid has a counter of its own.
  const whose = Object.fromEntries(added.map(({ params, uuid }) => [params.customId, uuid]));
  expect(whose).toEqual({ "C-1": uuids[0], "C-2": uuids[1], set: uuids[2] });
  expect(new Set(uuids).size).toBe(3);
});

test("an event that needs a token waits for one, the others do not", async () => {
  await sign(on);
  const page = await on.visit("/login");
  expect(await track(page, "order.paid", { n: 1 })).toMatchObject({ status: "queued", code: "token_required" });
  expect(await track(page, "cart.add")).toMatchObject({ status: "stored" });
  await page.evaluate((jwt) => SR.client.setAccessToken(jwt), token({ sub: "C-1" }));
  const [paid] = await on.stored("order.paid", 1);
  expect(paid).toMatchObject({ authenticated: true, params: { n: 1 } });
  expect((await on.stored("cart.add", 1))[0]?.authenticated).toBe(false);
});

test("a token is kept in memory only: the next page waits for a new one, and nothing is lost", async () => {
  await sign(on);
  const page = await on.visit("/login");
  const jwt = token({ sub: "C-1" });
  await page.evaluate((text) => SR.client.setAccessToken(text), jwt);
  expect(await track(page, "order.paid", { n: 1 })).toMatchObject({ status: "stored" });
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  expect(stored).not.toContain(jwt.slice(-20));
  expect(stored).not.toContain("C-1");
  await page.goto(on.shop.url("/next"));
  expect(await track(page, "order.paid", { n: 2 })).toMatchObject({ status: "queued", code: "token_required" });
  await page.goto(on.shop.url("/third"));
  await page.evaluate((text) => SR.client.setAccessToken(text), token({ sub: "C-1" }));
  const paid = await on.stored("order.paid", 2);
  expect(paid.map((event) => [event.params.n, event.authenticated])).toEqual([
    [1, true],
    [2, true],
  ]);
});

test("an event is never sent under another customer's token", async () => {
  await sign(on);
  const page = await on.visit("/login");
  await page.evaluate((jwt) => SR.client.setAccessToken(jwt), token({ sub: "C-1" }));
  await on.door.close();
  await track(page, "order.paid", { of: "C-1" });
  const uuid = await page.evaluate(() => SR.client.getUuid());
  await page.evaluate((jwt) => SR.client.setAccessToken(jwt), token({ sub: "C-2" }));
  expect(await page.evaluate(() => SR.client.getUuid())).not.toBe(uuid);
  await on.door.open();
  await track(page, "order.paid", { of: "C-2" });
  await page.evaluate(() => SR.event.flush());
  expect((await on.stored("order.paid", 1)).map((event) => event.params.of)).toEqual(["C-2"]);
  await page.evaluate((jwt) => SR.client.setAccessToken(jwt), token({ sub: "C-1" }));
  const paid = await on.stored("order.paid", 2);
  expect(new Set(paid.map((event) => event.customer)).size).toBe(2);
  const ofFirst = paid.find((event) => event.params.of === "C-1");
  for (const knock of on.door.knocks)
    if (knock.body.includes(String(ofFirst?.id)) && knock.body.includes('"token"'))
      expect(Buffer.from(JSON.parse(knock.body).token.split(".")[1], "base64url").toString()).toContain("C-1");
});

test("logging out clears the token, for the page and for what it records", async () => {
  await sign(on);
  const page = await on.visit("/logout");
  await page.evaluate((jwt) => SR.client.setAccessToken(jwt), token({ sub: "C-1" }));
  expect(await track(page, "cart.add")).toMatchObject({ status: "stored" });
  await page.evaluate(() => SR.client.reset());
  expect(await track(page, "cart.left")).toMatchObject({ status: "stored" });
  expect(await track(page, "order.paid")).toMatchObject({ code: "token_required" });
  expect((await on.stored("cart.add", 1))[0]?.authenticated).toBe(true);
  expect((await on.stored("cart.left", 1))[0]?.authenticated).toBe(false);
  expect(tokensOf("cart.left")).toEqual([undefined]);
});

test("an expired token is refreshed once, however many events wait, and all arrive authenticated", async () => {
  await sign(on);
  const page = await on.visit("/expired");
  await page.exposeFunction("fresh", () => token({ sub: "C-1" }));
  await page.evaluate(
    (jwt) => {
      const counted = window as unknown as { asked: number; fresh: () => Promise<string> };
      counted.asked = 0;
      SR.client.onTokenExpired(async () => {
        counted.asked++;
        await new Promise((done) => setTimeout(done, 300));
        return counted.fresh();
      });
      SR.client.setAccessToken(jwt);
      for (let n = 0; n < 15; n++) SR.event.trackCustomEvent(n % 2 ? "cart.add" : "order.paid", { n });
    },
    token({ sub: "C-1" }, -3600),
  );
  const paid = await on.stored("order.paid", 8);
  const added = await on.stored("cart.add", 7);
  expect([...paid, ...added].every((event) => event.authenticated)).toBe(true);
  expect(await page.evaluate(() => (window as unknown as { asked: number }).asked)).toBe(1);
});

test("a token that is no good is not tried in a loop, and what needs none goes without", async () => {
  await sign(on);
  const page = await on.visit("/wrong");
  await page.evaluate(
    (jwt) => {
      SR.client.onTokenExpired(() => jwt);
      SR.client.setAccessToken(jwt);
    },
    token({ sub: "C-1" }, 600, "another secret of another site, long enough"),
  );
  expect(await track(page, "order.paid")).toMatchObject({ status: "queued" });
  await pause(2_500);
  expect(on.door.knocks.length).toBeLessThan(10);
  await page.evaluate((jwt) => SR.client.setAccessToken(jwt), token({ sub: "C-1" }));
  await on.stored("order.paid", 1);
});

test("a refusal for want of a token that the page did not know of is no loss", async () => {
  await addKey(on);
  const page = await on.visit("/declared-later");
  await on.stored("page.visit", 1);
  await on.server.api("PUT", `/sites/${on.site.id}/definitions/order.paid`, { needs: "token" });
  expect(await track(page, "order.paid")).toMatchObject({ status: "queued", code: "token_required" });
  await page.evaluate((jwt) => SR.client.setAccessToken(jwt), token({ sub: "C-1" }));
  expect(await on.stored("order.paid", 1)).toMatchObject([{ authenticated: true }]);
});

test("what hides with the page goes under its own token too", async () => {
  await sign(on);
  const page = await on.visit("/hiding");
  await on.stored("page.visit", 1);
  await page.evaluate(
    (jwt) => {
      window.addEventListener("pagehide", () => void SR.event.trackCustomEvent("order.paid"));
      SR.client.setAccessToken(jwt);
    },
    token({ sub: "C-1" }),
  );
  await page.goto(on.shop.url("/plain"));
  await until(
    () => on.door.knocks.some((knock) => knock.beacon),
    () => "a beacon",
  );
  expect(await on.stored("order.paid", 1)).toMatchObject([{ authenticated: true }]);
});

test("a token bound to a uuid goes with that uuid's events only", async () => {
  await sign(on);
  const page = await on.visit("/bound");
  const uuid = await page.evaluate(() => SR.client.getUuid());
  await page.evaluate((jwt) => SR.client.setAccessToken(jwt), token({ uuid }));
  expect(await track(page, "order.paid")).toMatchObject({ status: "stored" });
  await page.evaluate((jwt) => {
    SR.client.setUuid("0190aaaa-0000-7000-8000-00000000abcd");
    SR.client.setAccessToken(jwt);
  }, token({ uuid }));
  expect(await track(page, "order.paid")).toMatchObject({ code: "token_required" });
});
