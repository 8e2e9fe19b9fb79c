/** What counts as secret: by name and by value, and what does not although it looks a little like it. */

import { expect, test } from "vitest";
import { withoutSecrets } from "../src/fields.js";
import { secretName, secretValue } from "../src/secret.js";

test.each([
  ["password", true],
  ["user_passwd", true],
  ["newPassword2", true],
  ["PWD", true],
  ["csrf_token", true],
  ["xsrf", true],
  ["otp", true],
  ["one-time-code", true],
  ["current-password webauthn", true],
  ["pin", true],
  ["cardPin", true],
  ["cardNumber", true],
  ["card_no", true],
  ["cc-number", true],
  ["cvv2", true],
  ["cvc", true],
  ["iban", true],
  ["ssn", true],
  ["securityCode", true],
  ["shipping", false],
  ["opinion", false],
  ["discard", false],
  ["giftcard", false],
  ["email", false],
  ["customId", false],
  ["author", false],
  ["company", false],
  ["postcode", false],
  ["account", false],
])("a field called %s is secret: %s", (name, secret) => {
  expect(secretName(name)).toBe(secret);
});

test.each([
  ["4111111111111111", true],
  ["4111 1111 1111 1111", true],
  ["5500-0000-0000-0004", true],
  ["378282246310005", true],
  ["6011000990139424", true],
  ["my card 4111 1111 1111 1111 12/27 thanks", true],
  ["4111111111111112", false],
  ["+49 170 1234567", false],
  ["12345678", false],
  ["DE89370400440532013000", true],
  ["GB82 WEST 1234 5698 7654 32", true],
  ["send to pl61 1090 1014 0000 0712 1981 2874 please", true],
  ["DE89 3704", false],
  ["SW11 1AA London, near the park", false],
  ["no10 downing street in London", false],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", true],
  ["078-05-1120", true],
  ["ann@shop.example", false],
  ["Main Street 12, 01234 Town", false],
  ["2026-11-23 12:30:00", false],
  ["", false],
])("the value %j is secret: %s", (value, secret) => {
  expect(secretValue(value)).toBe(secret);
});

test("params lose what is secret, what is empty, and what is too long", () => {
  const kept = withoutSecrets({
    email: "ann@shop.example",
    age: 41,
    agreed: false,
    topics: ["tea", "4111 1111 1111 1111"],
    password: "hunter2",
    remark: "4111111111111111",
    empty: "",
    long: "x".repeat(2000),
  });
  expect(JSON.parse(JSON.stringify(kept))).toEqual({
    email: "ann@shop.example",
    age: 41,
    agreed: false,
    topics: ["tea"],
    long: "x".repeat(1024),
  });
});
