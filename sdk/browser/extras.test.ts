/** What a site may ask for beside: clicks of untagged elements by readable names, clicks in anger, clicks in vain. */

import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { ready, shown, some, timed } from "./acts.js";
import { pause } from "./collector.js";
import { served } from "./served.js";

const on = served();
beforeEach(() => on.configure({ sdk_autocapture: true, sdk_frustration: true }));

const named = async (page: Page, action: string) => (await some(on, page, action)).map(({ params }) => params.element);
/** The time after which a click is dead, and a little. */
const VAIN = 2_400;

async function hammer(page: Page, selector: string, times = 5): Promise<void> {
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`${selector} is not there`);
  for (let nth = 0; nth < times; nth++) await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

test("untagged elements are told by what a person would call them", async () => {
  const cases: [html: string, name: string][] = [
    [`<button>  Add\n to <b>cart</b> </button>`, "Add to cart"],
    [`<button aria-label="Close">×</button>`, "Close"],
    [`<a href="#x"><img alt="Summer" width="9" height="9"></a>`, "Summer"],
    [`<a href="#x"><svg aria-label="Search" width="9" height="9"></svg></a>`, "Search"],
    [`<button title="Undo" style="width:9px;height:9px"></button>`, "Undo"],
    [`<input type="submit" value="Order now" onclick="event.preventDefault()">`, "Order now"],
    [`<label for="mail">E-mail</label><input id="mail" value="typed@before.example">`, "E-mail"],
    [`<input name="city" placeholder="Your city">`, "Your city"],
    [`<div role="button" tabindex="0">Like</div>`, "Like"],
    [`<div onclick="1">Handled</div>`, "Handled"],
    [`<button id="basket" style="width:9px;height:9px"></button>`, "basket"],
    [`<button id="b83741" style="width:9px;height:9px"></button>`, "button"],
    [
      `<a href="/only/path" onclick="return false"><i style="display:block;width:9px;height:9px"></i></a>`,
      "/only/path",
    ],
    [`<button>Signed in as ann@example.com, 4111111111111111</button>`, "Signed in as * *"],
    [`<select name="size"><option>S<option>M</select>`, "size"],
  ];
  const page = await shown(on, cases.map(([html]) => `<section class="case">${html}</section>`).join(""));
  for (const nth of cases.keys())
    await page.locator(".case").nth(nth).locator("a,button,input,select,div").first().click({ timeout: 3_000 });
  const found = await some(on, page, "element.click");
  expect(found.map(({ params }) => params.element)).toEqual(cases.map(([, name]) => name));
  expect(found.every(({ params }) => params.auto === true)).toBe(true);
});

test("a tagged element goes by its tag; plain text, editors and ignored subtrees are not told", async () => {
  const page = await shown(
    on,
    `<div data-track="card"><button>More</button></div><p>text</p>
     <div contenteditable="true">typed by the visitor <a href="#x">and linked</a></div>
     <div data-track-ignore><button>secret</button></div>`,
  );
  for (const place of ["button >> nth=0", "p", "[contenteditable] a", "button >> nth=1"]) await page.click(place);
  const found = await some(on, page, "element.click");
  expect(found.map(({ params }) => params.element)).toEqual(["card", "a"]);
  expect(JSON.stringify(found)).not.toMatch(/typed|linked|secret/);
});

test("a site that does not ask for them is not served them", async () => {
  await on.configure({ sdk_autocapture: false, sdk_frustration: false });
  const page = await shown(on, `<button>More</button>`);
  await hammer(page, "button");
  await pause(VAIN);
  for (const action of ["element.click", "element.rage", "element.dead"]) expect(await named(page, action)).toEqual([]);
});

test("four clicks within a second on what does not answer are rage, once", async () => {
  const page = await shown(on, `<button data-track="broken">Pay</button>`);
  await hammer(page, "button", 7);
  const [rage, ...more] = await some(on, page, "element.rage");
  expect(more).toEqual([]);
  expect(rage?.label).toBe("Clicked broken again and again");
  expect(rage?.params).toEqual({ element: "broken", url: on.shop.url("/page"), title: "Title of /page" });
  expect(await named(page, "element.click")).toHaveLength(7);
});

test("clicks that are answered, far apart, slow, by key, or in fields are no rage", async () => {
  const page = await shown(
    on,
    `<button id="more" onclick="n.textContent = +n.textContent + 1">+</button><b id="n">0</b>
     <button id="press" aria-pressed="false" onclick="this.ariaPressed = this.ariaPressed !== 'true'">on/off</button>
     <button id="slow">slow</button><button id="key">key</button><input id="field" type="number">
     <button id="wide" style="display:block;width:600px">wide</button><p id="text" data-track="text">words to select</p>
     <label id="label">tick <input type="checkbox"></label><video id="film" controls data-track="film"></video>`,
  );
  for (const id of ["more", "press", "field", "label", "film"]) await hammer(page, `#${id}`);
  await page.click("#text", { clickCount: 5 });
  for (let nth = 0; nth < 5; nth++) {
    await page.click("#wide", { position: { x: 40 + nth * 100, y: 8 } });
    await page.locator("#key").press("Enter");
  }
  for (let nth = 0; nth < 4; nth++) {
    await page.click("#slow");
    await pause(400);
  }
  expect(await named(page, "element.rage")).toEqual([]);
});

test("a click that nothing answers within two seconds is dead, on the page and at the time it happened", async () => {
  const page = await shown(on, `<button data-track="broken">Pay</button><a href="#">Top</a><a href="">Here</a>`);
  await page.evaluate(() => addEventListener("click", (event) => event.preventDefault()));
  await page.click("button");
  await page.click("a >> nth=0");
  await page.click("a >> nth=1");
  await pause(VAIN);
  const found = await some(on, page, "element.dead");
  expect(found.map(({ params }) => params.element)).toEqual(["broken", "Top", "Here"]);
  expect(found[0]?.label).toBe("Clicked broken in vain");
  const [click] = await some(on, page, "element.click");
  expect((found[0]?.time ?? 0) - (click?.time ?? 0)).toBeLessThan(1_000);
});

const ANSWERED: [what: string, html: string][] = [
  ["a changed document", `<button onclick="setTimeout(() => { document.title = 'new' }, 900)">x</button>`],
  ["a changed attribute", `<button onclick="this.className = 'on'">x</button>`],
  ["scrolling", `<button onclick="window.scrollTo(0, 500)">x</button><div style="height:3000px"></div>`],
  ["the focus", `<button onclick="document.querySelector('input').focus()">x</button><input>`],
  ["a virtual page", `<button onclick="history.pushState(null, '', '/virtual')">x</button>`],
  ["a submitted form", `<form onsubmit="return false"><button>x</button></form>`],
  ["a form that is not valid", `<form><input required><button>x</button></form>`],
  ["a ticked field", `<label>x <input type="checkbox"></label>`],
  ["opened details", `<details><summary>x</summary>y</details>`],
  ["a mail program", `<a href="mailto:ann@example.com" onclick="return false">x</a>`],
  ["nothing to be expected", `<p>x</p>`],
];

const LEFT: [what: string, html: string][] = [
  ["a slow navigation", `<button onclick="location.href = '/slow'">x</button>`],
  ["a link that leads on", `<a href="/slow">x</a>`],
];

/** Opens a page whose clock the test moves, and waits until the file that watches clicks has come. */
async function still(html: string): Promise<Page> {
  on.shop.pages["/page"] = html;
  const loaded = on.context.waitForEvent("response", (response) => /\/s\/extras-/.test(response.url()));
  const page = await timed(on, "/page");
  await (await loaded).finished();
  await page.clock.runFor(100);
  return page;
}

test.each(ANSWERED)("%s is an answer", async (_, html) => {
  const page = await still(html);
  await page.click("text=x");
  await page.clock.runFor(VAIN);
  expect(await named(page, "element.dead")).toEqual([]);
});

test.each(LEFT)("%s is an answer", async (_, html) => {
  const page = await shown(on, html);
  await page.route("**/slow", async (route) => {
    await pause(VAIN);
    await route.continue();
  });
  await page.click("text=x", { noWaitAfter: true });
  await page.waitForURL("**/slow");
  await ready(page);
  expect(await named(page, "element.dead")).toEqual([]);
});

test("no more than ten dead clicks of a document are told", async () => {
  const page = await still(Array.from({ length: 12 }, (_, n) => `<button>b${n}</button>`).join(""));
  for (let nth = 0; nth < 12; nth++) {
    await page.click(`button >> nth=${nth}`);
    await page.clock.runFor(VAIN);
  }
  expect(await named(page, "element.dead")).toHaveLength(10);
});
