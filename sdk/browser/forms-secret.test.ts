/**
 * What is never read, whatever the tagging says. The texts are planted (secrets.ts): that none of them came to the door
 * in any way is checked at the end of this file, as of every other.
 */

import { expect, test } from "vitest";
import { PLANTED } from "./secrets.js";
import { served } from "./served.js";

const on = served();

const SEND = `<button id="go">Go</button></form>
  <script>document.forms[0].addEventListener("submit", (e) => e.preventDefault());</script>`;

/** Each field is tagged `f`, and none may be read. */
const FIELDS: [why: string, html: string, typed: string][] = [
  ["a password", `<input type="password" f>`, PLANTED.password],
  ["a password in capitals", `<input type="PASSWORD" f>`, PLANTED.password],
  ["a field that says it is a password", `<input autocomplete="new-password" f>`, PLANTED.password],
  ["a field called a password", `<input name="userPassword" f>`, PLANTED.password],
  ["a card's number by its purpose", `<input autocomplete="section-pay cc-number" f>`, "4999"],
  ["a card's number by its digits", `<input f>`, PLANTED.card],
  ["a card's number in a text", `<textarea f></textarea>`, `It is ${PLANTED.card} 12/27, thanks`],
  ["a card's number of 15 digits", `<input f>`, PLANTED.amex],
  ["a card's security code", `<input name="cvc" f>`, "737"],
  ["an account number", `<input f>`, PLANTED.iban],
  ["an account number in a text", `<input f>`, `to ${PLANTED.iban.toLowerCase()} please`],
  ["a one-time code", `<input autocomplete="one-time-code" f>`, PLANTED.oneTimeCode],
  ["a one-time code by its name", `<input id="otpCode" f>`, PLANTED.oneTimeCode],
  ["a token", `<input f>`, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"],
  ["what is left alone", `<div data-track-ignore><input f></div>`, PLANTED.ignored],
];

test("what is secret by its name, purpose or value is never read", async () => {
  const fields = FIELDS.map(([why, html]) =>
    html.replace(/ f>/, ` data-typed data-track-field="field-${FIELDS.findIndex(([other]) => other === why)}">`),
  );
  on.shop.pages["/form"] = `<form data-track-form="secret"><input data-track-field="city" value="Oslo">
    <input id="untagged">${fields.join("")}${SEND}`;
  const page = await on.visit("/form");
  await page.fill("#untagged", PLANTED.untagged);
  for (const [at, [, , typed]] of FIELDS.entries()) await page.locator("[data-typed]").nth(at).fill(typed);
  await page.click("#go");
  const [event] = await on.stored("form.submit", 1);
  const { url: _url, title: _title, ...params } = event?.params ?? {};
  expect(params).toEqual({ form: "secret", city: "Oslo" });
});

test("a password is not read after it was shown, however it was typed", async () => {
  on.shop.pages["/form"] = `<form data-track-form="login">
    <input id="one" type="password" data-track-field="a"><input id="two" type="password" data-track-field="b">${SEND}`;
  const page = await on.visit("/form");
  await page.fill("#one", PLANTED.shownPassword);
  await page.evaluate(() => {
    for (const field of document.querySelectorAll("input")) field.type = "text";
  });
  await page.fill("#two", PLANTED.shownPassword);
  await page.click("#go");
  const [event] = await on.stored("form.submit", 1);
  expect(event?.params).not.toHaveProperty("a");
  expect(event?.params).not.toHaveProperty("b");
});

test("hidden fields and files are not read; what the site wrote into data-track-value is", async () => {
  on.shop.pages["/form"] =
    `<form data-track-form="up"><input type="hidden" name="csrf" data-track-field="c" value="${PLANTED.csrf}">
    <input type="hidden" data-track-field="h" value="${PLANTED.csrf}"><input type="hidden" data-track-field="from" data-track-value="footer">
    <input type="file" data-track-field="f">${SEND}`;
  const page = await on.visit("/form");
  await page.setInputFiles("[type=file]", { name: PLANTED.file, mimeType: "text/plain", buffer: Buffer.from("x") });
  await page.click("#go");
  const [event] = await on.stored("form.submit", 1);
  expect(event?.params).toMatchObject({ form: "up", from: "footer" });
  for (const name of ["c", "h", "f"]) expect(event?.params).not.toHaveProperty(name);
});

test("what is typed and not submitted is not read", async () => {
  on.shop.pages["/form"] =
    `<form data-track-form="letter"><input id="mail" type="email" data-track-field="email"></form>`;
  const page = await on.visit("/form");
  await page.locator("#mail").pressSequentially(PLANTED.unsent);
  await page.evaluate(() => globalThis.SR.event.flush());
  await page.goto(on.shop.url("/elsewhere"));
  expect(await on.stored("form.abandon", 1)).toMatchObject([{ params: { last_field: "email" } }]);
});
