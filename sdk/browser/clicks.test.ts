/** Clicks of tagged elements, by every means a visitor has, as the real server stored them. */

import { expect, test } from "vitest";
import { shown, some } from "./acts.js";
import { served } from "./served.js";

const on = served();
const clicks = (page: Parameters<typeof some>[1]) => some(on, page, "element.click");

test("a click with the mouse is stored under the element's name, on its page, with a label people read", async () => {
  const page = await shown(on, `<button data-track="buy-now">Buy</button>`, "/shoes");
  await page.click("button");
  const [click, ...more] = await clicks(page);
  expect(more).toEqual([]);
  expect(click?.label).toBe("Clicked buy-now");
  expect(click?.params).toEqual({
    element: "buy-now",
    by: "mouse",
    url: on.shop.url("/shoes"),
    title: "Title of /shoes",
  });
});

test("images and links inside a tagged element count for it", async () => {
  const page = await shown(
    on,
    `<div data-track="banner-summer"><a href="/garden?from=mail#top"><img alt="" width="50" height="50"></a></div>`,
  );
  await page.click("img");
  await page.waitForURL("**/garden*");
  const [click] = await on.stored("element.click", 1);
  expect(click?.params).toMatchObject({
    element: "banner-summer",
    href: on.shop.url("/garden"),
    url: on.shop.url("/page"),
  });
});

test("the innermost tag counts, and an empty one is none", async () => {
  const page = await shown(
    on,
    `<div data-track="outer"><p data-track="inner">one</p><i data-track="">two</i></div><b>no tag</b>`,
  );
  for (const place of ["p", "i", "b"]) await page.click(place);
  expect((await clicks(page)).map((click) => click.params.element)).toEqual(["inner", "outer"]);
});

test("the keyboard clicks: Enter on a link, Enter and Space on a button", async () => {
  const page = await shown(on, `<a href="#there" data-track="link">go</a><button data-track="button">do</button>`);
  await page.focus("a");
  await page.keyboard.press("Enter");
  await page.focus("button");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Space");
  const found = (await clicks(page)).map(({ params }) => [params.element, params.by]);
  expect(found).toEqual([
    ["link", "keyboard"],
    ["button", "keyboard"],
    ["button", "keyboard"],
  ]);
});

test("the middle button counts once, the right one not at all", async () => {
  const page = await shown(on, `<a href="/elsewhere" data-track="link">go</a>`);
  const [opened] = await Promise.all([on.context.waitForEvent("page"), page.click("a", { button: "middle" })]);
  await opened.close();
  await page.click("a", { button: "right" });
  expect((await clicks(page)).map(({ params }) => params.by)).toEqual(["middle"]);
});

test("with a modifier key it counts as well", async () => {
  const page = await shown(on, `<a href="/elsewhere" data-track="link">go</a>`);
  const [opened] = await Promise.all([
    on.context.waitForEvent("page"),
    page.click("a", { modifiers: ["ControlOrMeta"] }),
  ]);
  await opened.close();
  expect((await clicks(page)).map(({ params }) => [params.element, params.by])).toEqual([["link", "mouse"]]);
});

test("a tap counts once", async () => {
  on.shop.pages["/touch"] = `<button data-track="tap-me">Tap</button>`;
  const context = await on.context.browser()?.newContext({ hasTouch: true, isMobile: true });
  const page = await context?.newPage();
  if (!page) throw new Error("no page");
  await page.goto(on.shop.url("/touch"));
  await page.evaluate(() => globalThis.SR.init());
  await page.tap("button");
  expect((await clicks(page)).map(({ params }) => [params.element, params.by])).toEqual([["tap-me", "touch"]]);
  await context?.close();
});

const SHADOW = (mode: string, name: string, inside: string) =>
  `<x-${name} data-track="host-${name}"></x-${name}><script>{
    const root = document.querySelector("x-${name}").attachShadow({ mode: "${mode}" });
    root.innerHTML = \`${inside}\`;
    globalThis["${name}"] = root;
  }</script>`;

test("an open shadow root is looked into; of a closed one only the host is known", async () => {
  const page = await shown(
    on,
    SHADOW("open", "glass", `<button data-track="in-glass">see</button><em>plain</em>`) +
      SHADOW("closed", "wall", `<button data-track="in-wall" style="width:90px">hidden</button>`),
  );
  await page.click("x-glass button");
  await page.click("x-glass em");
  await page.click("x-wall");
  const found = (await clicks(page)).map((click) => click.params.element);
  expect(found).toEqual(["in-glass", "host-glass", "host-wall"]);
});

test("a slotted image counts for the tagged element around the slot", async () => {
  const page = await shown(
    on,
    `<x-card><img alt="" width="50" height="50"></x-card><script>
      document.querySelector("x-card").attachShadow({ mode: "open" }).innerHTML =
        '<section data-track="card"><slot></slot></section>';
    </script>`,
  );
  await page.click("img");
  expect((await clicks(page)).map((click) => click.params.element)).toEqual(["card"]);
});

test("an svg inside a link, and a link inside an svg", async () => {
  const page = await shown(
    on,
    `<a href="#icon" data-track="icon"><svg width="40" height="40"><path d="M0 0h40v40H0z"/></svg></a>
     <svg width="90" height="40"><a href="#map" data-track="map"><rect width="90" height="40"/></a></svg>`,
  );
  await page.click("path");
  await page.click("rect");
  const found = (await clicks(page)).map(({ params }) => [params.element, params.href]);
  expect(found).toEqual([
    ["icon", on.shop.url("/page")],
    ["map", on.shop.url("/page")],
  ]);
});

test("a page that stops the event's way cannot hide a click, and its own listeners still run", async () => {
  const page = await shown(
    on,
    `<button data-track="stopped">one</button><button data-track="stopped-at-once">two</button><script>
      const [one, two] = document.querySelectorAll("button");
      one.addEventListener("click", (event) => { event.stopPropagation(); event.preventDefault(); one.title = "ran"; });
      document.addEventListener("click", (event) => event.target === two && event.stopImmediatePropagation(), true);
    </script>`,
  );
  await page.click("button >> nth=0");
  await page.click("button >> nth=1");
  expect((await clicks(page)).map((click) => click.params.element)).toEqual(["stopped", "stopped-at-once"]);
  expect(await page.getAttribute("button", "title")).toBe("ran");
});

test("data-track-ignore leaves out its subtree, tags and shadow roots in it too", async () => {
  const page = await shown(
    on,
    `<div data-track="around"><div data-track-ignore><button data-track="secret">x</button>
     ${SHADOW("open", "deep", `<b data-track="deeper">y</b>`)}</div><i>z</i></div>`,
  );
  await page.click("button");
  await page.click("x-deep b");
  await page.click("i");
  expect((await clicks(page)).map((click) => click.params.element)).toEqual(["around"]);
});

test("a click on a label is one click, though the browser clicks its field as well", async () => {
  const page = await shown(
    on,
    `<div data-track="choice"><label>Yes <input type="checkbox"></label></div>
     <div data-track="apart"><label for="far">No</label></div><div data-track="field"><input type="checkbox" id="far"></div>`,
  );
  await page.click("label", { position: { x: 3, y: 5 } });
  await page.click("input");
  await page.click("label >> nth=1");
  await page.click("#far");
  expect((await clicks(page)).map((click) => click.params.element)).toEqual(["choice", "choice", "apart", "field"]);
});

test("a click that a script makes up is not the visitor's", async () => {
  const page = await shown(on, `<button data-track="carousel-next">next</button>`);
  await page.evaluate(() => document.querySelector("button")?.click());
  expect(await clicks(page)).toEqual([]);
});

test("a click that leads away is stored on the page it happened on, before the next visit", async () => {
  const page = await shown(
    on,
    `<a href="/next" data-track="away">go</a><button data-track="within">on</button><script>
      document.querySelector("button").onclick = () => { history.pushState(null, "", "/virtual"); document.title = "Virtual"; };
    </script>`,
  );
  await page.click("button");
  await page.click("a");
  await page.waitForURL("**/next");
  await on.stored("page.visit", 3);
  const events = (await on.server.stored(on.site)).sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
  const path = (url: unknown) => new URL(String(url)).pathname;
  // On a slow machine the pointer rests on the button for long enough to be a hover.
  const told = events.filter(({ action }) => action !== "element.hover");
  expect(told.map(({ action, params }) => `${action} ${path(params.url)}`)).toEqual([
    "session.start /page",
    "page.visit /page",
    "element.click /page",
    "page.visit /virtual",
    "element.click /virtual",
    "page.visit /next",
  ]);
});

test("a click comes before what its handler records, and stays its visitor's where the handler resets", async () => {
  const page = await shown(
    on,
    `<button data-track="log-out">x</button><script>
      document.querySelector("button").onclick = () => {
        SR.event.trackCustomEvent("auth.logout");
        SR.client.reset();
        SR.event.trackCustomEvent("desk.free");
      };
    </script>`,
  );
  await page.click("button");
  const [free] = await on.stored("desk.free", 1);
  const events = (await on.server.stored(on.site)).filter(({ uuid }) => uuid !== free?.uuid);
  const told = events.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)).map(({ action }) => action);
  expect(told).toEqual(["session.start", "page.visit", "element.click", "auth.logout"]);
});

test("a page with odd forms and a site that has elements off", async () => {
  const page = await shown(
    on,
    `<form data-track="odd" onsubmit="return false"><input name="id"><button>x</button></form>`,
  );
  await page.click("button");
  expect((await clicks(page)).map((click) => click.params.element)).toEqual(["odd"]);
  await on.configure({ sdk_elements: false });
  const fresh = await (await on.context.browser()?.newContext())?.newPage();
  await fresh?.goto(on.shop.url("/page"));
  await fresh?.click("button");
  if (fresh) expect(await clicks(fresh)).toHaveLength(1);
  await fresh?.context().close();
});
