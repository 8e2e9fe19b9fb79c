/** Submitting a tagged form: each way a browser or a page has of doing so is one form.submit on the server, and no other is. */

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { until } from "./collector.js";
import { served } from "./served.js";
import type { Stored } from "./server.js";

const on = served();

const LETTER = `<form method="post" action="/thanks" data-track-form="newsletter">
  <input name="who" data-track-field="email" type="email" required>
  <input name="note"><button id="go">Go</button></form>`;
/** As applications do: the page sends the form itself. */
const SPA = `<script>document.forms[0].addEventListener("submit", (e) => { e.preventDefault(); e.target.reset(); });</script>`;

async function open(html: string): Promise<Page> {
  on.shop.pages["/form"] = html;
  return on.visit("/form");
}

/** The form.submit events once there are that many and a later event has arrived, so that no further one can follow. */
async function submitted(page: Page, count: number): Promise<Stored[]> {
  const { id } = await page.evaluate(() => globalThis.SR.event.trackCustomEvent("test.end"));
  await until(
    async () => (await on.server.stored(on.site, "test.end")).some((one) => one.id === id),
    () => "the last event",
  );
  const found = await on.server.stored(on.site, "form.submit");
  expect(found.map((one) => one.params)).toHaveLength(count);
  return found;
}

/** The values of the one form.submit, without what every event has. */
async function values(page: Page): Promise<Record<string, unknown>> {
  const [event] = await submitted(page, 1);
  const { url: _, title: __, ...rest } = event?.params ?? {};
  return rest;
}

test("a form that is sent by the browser is stored with its tagged fields, as of the page it was on", async () => {
  const page = await open(LETTER);
  await page.fill("[name=who]", "ann@shop.example");
  await page.fill("[name=note]", "untagged-planted");
  await page.click("#go");
  await page.waitForURL("**/thanks*");
  const [event] = await submitted(page, 1);
  expect(event?.params).toMatchObject({ form: "newsletter", email: "ann@shop.example", title: "Title of /form" });
  expect(event?.params).not.toHaveProperty("note");
  expect(event?.label).toBe("Submitted form newsletter");
});

test("a form that the page sends itself counts, with the values from before the page reset it", async () => {
  const page = await open(LETTER + SPA);
  await page.fill("[name=who]", "ann@shop.example");
  await page.press("[name=who]", "Enter");
  expect(await values(page)).toEqual({ form: "newsletter", email: "ann@shop.example" });
});

test("form.submit() and requestSubmit() count once each", async () => {
  const page = await open(LETTER);
  await page.fill("[name=who]", "ann@shop.example");
  await page.evaluate(() => document.forms[0]?.submit());
  await page.waitForURL("**/thanks*");
  await page.goto(on.shop.url("/form"));
  await page.fill("[name=who]", "bob@shop.example");
  await page.evaluate(() => document.forms[0]?.requestSubmit());
  await page.waitForURL("**/thanks*");
  const found = await submitted(page, 2);
  expect(found.map((one) => one.params.email)).toEqual(["ann@shop.example", "bob@shop.example"]);
});

test("a page that prevents the submit and calls form.submit() later has submitted once", async () => {
  const page = await open(
    `${LETTER}<script>document.forms[0].addEventListener("submit", (e) => { e.preventDefault(); setTimeout(() => e.target.submit(), 300); });</script>`,
  );
  await page.fill("[name=who]", "ann@shop.example");
  await page.click("#go");
  await page.waitForURL("**/thanks*");
  await submitted(page, 1);
});

test("looking into a form with FormData is no submission", async () => {
  const page = await open(LETTER);
  await page.fill("[name=who]", "typed.not.sent@planted.example");
  await page.evaluate(() => [...new FormData(document.forms[0])].length);
  await page.goto(on.shop.url("/elsewhere"));
  await submitted(page, 0);
});

test("a submission that the browser's validation stops is none", async () => {
  const page = await open(LETTER + SPA);
  await page.fill("[name=who]", "not-an-address");
  await page.click("#go");
  await submitted(page, 0);
});

test.each([
  ["marks a field as invalid", "", `e.target.who.setAttribute("aria-invalid", "true")`],
  ["has switched the browser's validation off", "novalidate", ""],
])("a submission that the page refuses is none: it %s", async (_, attribute, complain) => {
  const page = await open(
    `${LETTER.replace("<form", `<form ${attribute}`)}<script>document.forms[0].addEventListener("submit", (e) => { e.preventDefault(); ${complain}; });</script>`,
  );
  await page.fill("[name=who]", attribute ? "nonsense" : "ann@shop.example");
  await page.click("#go");
  await submitted(page, 0);
});

test("a double click is one submission, and the same values sent again later are another", async () => {
  const page = await open(LETTER + SPA.replace("e.target.reset();", ""));
  await page.fill("[name=who]", "ann@shop.example");
  await page.dblclick("#go");
  await page.waitForTimeout(1100);
  await page.click("#go");
  await submitted(page, 2);
});

test("a form that only closes its dialog is not submitted", async () => {
  const page = await open(
    `<dialog open><form method="dialog" data-track-form="ask"><input data-track-field="a" value="x"><button id="go">OK</button></form></dialog>
    <form data-track-form="other"><input data-track-field="a" value="x"><button id="cancel" formmethod="dialog">Cancel</button></form>${SPA}`,
  );
  await page.click("#go");
  await page.click("#cancel");
  await submitted(page, 0);
});

test("checkboxes, radios and selects are what was chosen", async () => {
  const page = await open(`<form data-track-form="all">
    <input type="checkbox" data-track-field="letter" checked><input type="checkbox" data-track-field="terms">
    <input type="checkbox" data-track-field="consent" data-track-value="enabled" checked>
    <input type="checkbox" data-track-field="partner" data-track-value="enabled">
    <input type="checkbox" data-track-field="topics" value="tea" checked><input type="checkbox" data-track-field="topics" value="pots">
    <input type="radio" name="pay" data-track-field="pay" value="card"><input type="radio" name="pay" data-track-field="pay" value="cash" checked>
    <select data-track-field="size"><option value="s">S<option value="m" selected>M</select>
    <select data-track-field="colours" multiple><option selected>red<option>green<option selected>blue</select>
    <textarea data-track-field="note">Hello</textarea><input data-track-field="empty">
    <input data-track-field="name" value="Ann" disabled>
    <button name="plan" value="free" data-track-field="plan">Free</button>
    <button id="go" name="plan" value="pro" data-track-field="plan">Pro</button></form>${SPA}`);
  await page.click("#go");
  expect(await values(page)).toEqual({
    form: "all",
    letter: true,
    terms: false,
    consent: "enabled",
    topics: ["tea"],
    pay: "cash",
    size: "m",
    colours: ["red", "blue"],
    note: "Hello",
    plan: ["pro"],
  });
});

test("fields outside of the form belong to it, and fields inside that belong to another do not", async () => {
  const page =
    await open(`<form id="f" data-track-form="outer"><input form="g" data-track-field="foreign" value="x"></form>
    <input form="f" data-track-field="email" value="ann@shop.example"><button form="f" id="go">Go</button><form id="g"></form>${SPA}`);
  await page.click("#go");
  expect(await values(page)).toEqual({ form: "outer", email: "ann@shop.example" });
});

test("fields whose names take the place of the form's own properties do no harm", async () => {
  const names = [
    "elements",
    "id",
    "name",
    "method",
    "action",
    "getAttribute",
    "closest",
    "submit",
    "matches",
    "isConnected",
  ];
  const page = await open(`<form data-track-form="clobbered">
    ${names.map((name) => `<input name="${name}" data-track-field="f-${name}" value="${name}">`).join("")}
    <button id="go">Go</button></form>${SPA.replace("e.target.reset();", "")}`);
  await page.evaluate(() => document.getElementById("go")?.click());
  const found = await values(page);
  expect(found.form).toBe("clobbered");
  for (const name of names) expect(found[`f-${name}`]).toBe(name);
});

test("the tags of the reference system are understood", async () => {
  const page = await open(`<form data-synerise="contact">
    <input data-synerise="firstname" value="Ann"><input name="email" data-synerise="email" value="ann@shop.example">
    <input type="hidden" data-synerise="source" data-synerise-value="footer">
    <input type="checkbox" data-synerise="newsletterAgreement" data-synerise-value="enabled" checked>
    <input type="checkbox" data-synerise="smsAgreement" data-synerise-value="enabled">
    <button id="go">Go</button></form>${SPA}`);
  await page.click("#go");
  expect(await values(page)).toEqual({
    form: "contact",
    firstname: "Ann",
    email: "ann@shop.example",
    source: "footer",
    newsletterAgreement: "enabled",
  });
});

test("a form is named by its tag, around it too, else by its name; an untagged one is left alone", async () => {
  const button = `<input data-track-field="a" value="1"><button>Go</button>`;
  const page = await open(`<div data-track-form="wrapped"><form>${button}</form></div>
    <form data-track-form name="by-name">${button}</form><form>${button}</form>
    <div data-track-ignore><form data-track-form="ignored">${button}</form></div>
    <script>document.addEventListener("submit", (e) => e.preventDefault());</script>`);
  for (let at = 0; at < 4; at++) await page.locator("button").nth(at).click();
  const found = await submitted(page, 2);
  expect(found.map((one) => one.params.form).sort()).toEqual(["by-name", "wrapped"]);
});

test("a form in a shadow root counts once somebody has turned to it, or after SR.forms.scan()", async () => {
  const page = await open(`<my-form></my-form><script>
    const root = document.querySelector("my-form").attachShadow({ mode: "open" });
    root.innerHTML = '<form data-track-form="shadow"><input data-track-field="city" value="Oslo"><button>Go</button></form>';
    root.addEventListener("submit", (e) => e.preventDefault());</script>`);
  const press = () =>
    page.evaluate(() => {
      globalThis.SR.forms.scan();
      document.querySelector("my-form")?.shadowRoot?.querySelector("button")?.click();
    });
  await press();
  expect(await values(page)).toEqual({ form: "shadow", city: "Oslo" });
  await page.waitForTimeout(1100);
  await page.locator("input").fill("Bergen");
  await page.locator("button").click();
  expect((await submitted(page, 2))[1]?.params.city).toBe("Bergen");
});

test("a page that stops the event, or throws, does not keep it from being recorded, and nothing is prevented", async () => {
  const page = await open(
    `${LETTER}<script>document.forms[0].addEventListener("submit", (e) => { e.stopImmediatePropagation(); throw new Error("page"); });</script>`,
  );
  await page.fill("[name=who]", "ann@shop.example");
  await page.click("#go");
  await page.waitForURL("**/thanks");
  await submitted(page, 1);
});

test("sendFormData records a form that is none, under the names of the mapping, without what is secret", async () => {
  const page = await open("");
  await page.evaluate(
    (secrets) =>
      globalThis.SR.event.sendFormData("contact", { mail: "ann@shop.example", age: 41, ...secrets }, { email: "mail" }),
    { password: "Tr0ub4dor-planted", remark: "pay with 4111 1111 1111 1111 please" },
  );
  expect(await values(page)).toEqual({ form: "contact", mail: "ann@shop.example", email: "ann@shop.example", age: 41 });
});

test("a site that has forms switched off reports none", async () => {
  await on.configure({ sdk_forms: false });
  const page = await open(LETTER + SPA);
  await page.fill("[name=who]", "ann@shop.example");
  await page.click("#go");
  await submitted(page, 0);
});
