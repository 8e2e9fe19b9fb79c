/** Links to other sites and to files, as the real server stored them. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { all, shown } from "./acts.js";
import { served } from "./served.js";

const on = served();

/** Follows the link in a new tab, which is closed again. */
async function follow(page: Page, selector: string, options: Parameters<Page["click"]>[1] = {}): Promise<void> {
  const [opened] = await Promise.all([on.context.waitForEvent("page"), page.click(selector, options)]);
  await opened.close();
}

const links = async (page: Page) =>
  (await all(on, page)).filter(({ action }) => action === "link.outbound" || action === "file.download");

test("a link to another site is outbound, followed in this tab", async () => {
  const page = await shown(on, `<a href="${on.shop.url("/there?mail=a@b.example#part", "other.test")}">there</a>`);
  await page.click("a");
  await page.waitForURL("**/there*");
  const [left] = await on.stored("link.outbound", 1);
  const there = on.shop.url("/there", "other.test");
  expect(left?.label).toBe(`Left for ${there}`);
  expect(left?.params).toEqual({ href: there, url: on.shop.url("/page"), title: "Title of /page" });
});

test("in a new tab too: target, middle button, a modifier key; the tag's name is told", async () => {
  const href = on.shop.url("/there", "other.test");
  const page = await shown(on, `<a href="${href}" target="_blank" data-track="partner">there</a>`);
  await follow(page, "a");
  await follow(page, "a", { button: "middle" });
  await follow(page, "a", { modifiers: ["ControlOrMeta"] });
  const found = await links(page);
  expect(found.map(({ action, params }) => [action, params.href, params.element])).toEqual(
    Array(3).fill(["link.outbound", href, "partner"]),
  );
});

test("an area and a link in an svg lead out as well", async () => {
  const href = on.shop.url("/there", "other.test");
  const page = await shown(
    on,
    `<svg width="60" height="40"><a href="${href}" target="_blank"><rect width="60" height="40"/></a></svg>
     <svg width="60" height="40"><a xlink:href="${href}" target="_blank"><circle cx="30" cy="20" r="20"/></a></svg>
     <img style="position:absolute;left:140px;top:0" usemap="#m" width="60" height="40" alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAAC"><map name="m">
     <area shape="default" href="${href}" target="_blank" alt=""></map>`,
  );
  await follow(page, "rect");
  await follow(page, "circle");
  const [opened] = await Promise.all([on.context.waitForEvent("page"), page.mouse.click(150, 20)]);
  await opened.close();
  expect((await links(page)).map(({ params }) => params.href)).toEqual([href, href, href]);
});

test("subdomains of the site, mail and telephone are not outbound; nor is what data-track-ignore holds", async () => {
  const inner = [
    on.shop.url("/x", "shop.site.test"),
    on.shop.url("/x", "site.test"),
    "mailto:a@b.example",
    "tel:123456",
    "#part",
    "javascript:void 0",
  ];
  const other = `<p data-track-ignore><a href="${on.shop.url("/x", "other.test")}">other</a></p>`;
  on.shop.pages["/page"] = inner.map((href) => `<a href="${href}">${href}</a><br>`).join("") + other;
  const page = await on.visit("/page", "www.site.test");
  await page.evaluate(() => {
    globalThis.addEventListener("click", (event) => event.preventDefault());
    return globalThis.SR.init();
  });
  for (let nth = 0; nth <= inner.length; nth++) await page.click(`a >> nth=${nth}`);
  expect(await links(page)).toEqual([]);
});

test("a link to a file is a download, on another site too, and says which file", async () => {
  const other = on.shop.url("/files/Terms%20of%20sale.PDF?v=3", "other.test");
  const page = await shown(
    on,
    `<a href="/plain/guide.pdf" download="Care guide.pdf" data-track="guide">one</a><a href="${other}" target="_blank">two</a>
     <a href="/plain/report" download>three</a><a id="made" download="cart.csv">four</a>
     <script>made.href = URL.createObjectURL(new Blob(["a;b"]))</script>`,
  );
  const names = ["one", "three", "four"];
  for (const name of names) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`text=${name}`)]);
    await download.cancel();
  }
  await follow(page, "text=two");
  const found = await links(page);
  expect(found.map(({ action, params }) => [action, params.file, params.href, params.element])).toEqual([
    ["file.download", "Care guide.pdf", on.shop.url("/plain/guide.pdf"), "guide"],
    ["file.download", "report", on.shop.url("/plain/report"), undefined],
    ["file.download", "cart.csv", undefined, undefined],
    ["file.download", "Terms of sale.PDF", other.replace(/\?.*/, ""), undefined],
  ]);
  expect(found[0]?.label).toBe("Downloaded Care guide.pdf");
});

test("with downloads switched off, a file elsewhere is another site", async () => {
  await on.configure({ sdk_downloads: false });
  const href = on.shop.url("/a.zip", "other.test");
  const page = await shown(on, `<a href="${href}" target="_blank">out</a>`);
  await follow(page, "a");
  expect((await links(page)).map(({ action }) => action)).toEqual(["link.outbound"]);
});

test("links to other sites can be switched off", async () => {
  await on.configure({ sdk_outbound: false });
  const page = await shown(on, `<a href="${on.shop.url("/there", "other.test")}" target="_blank">out</a>`);
  await follow(page, "a");
  expect(await links(page)).toEqual([]);
});
