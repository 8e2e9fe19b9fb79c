/**
 * What must never reach the collector: texts that tests plant in forms, addresses and errors, and the search for them.
 * Add to the list whatever a new test plants; each test file of the served stage looks for all of it at its end.
 */

import type { Knock } from "./server.js";

export const PLANTED = {
  password: "Tr0ub4dor-planted",
  /** Typed into a field that was a password before somebody pressed "show". */
  shownPassword: "correct-horse-planted",
  card: "4111 1111 1111 1111",
  amex: "378282246310005",
  iban: "DE89 3704 0044 0532 0130 00",
  oneTimeCode: "846201",
  csrf: "csrf-planted-9f8e7d",
  file: "planted-file-name.pdf",
  /** Typed, and the form never submitted. */
  unsent: "typed.not.sent@planted.example",
  /** In a part of the page that is to be left alone. */
  ignored: "left-alone-planted",
  /** In a field that the site did not tag. */
  untagged: "untagged-planted",
  /** In the address of a page, of a link and of where a visitor came from. */
  urlToken: "urltoken0planted0123456789",
  urlMail: "in.the.address@planted.example",
  urlJwt: "eyJhbGciOiJQTEFOVEVEIn0.eyJzdWIiOiJwbGFudGVkIn0.c2lnLXBsYW50ZWQ",
  /** In the address of a script or in the text of an error. */
  errorToken: "errtoken0planted0123456789",
  errorMail: "in.an.error@planted.example",
} as const;

/** The forms in which a text may travel. */
function disguises(text: string): string[] {
  const packed = text.replace(/[ .-]/g, "");
  const plain = [...new Set([text, packed])];
  return plain.flatMap((each) => [
    each,
    encodeURIComponent(each),
    Buffer.from(each).toString("base64").replace(/=+$/, ""),
    JSON.stringify(each).slice(1, -1),
  ]);
}

/** The names of the planted texts that are in any of the requests. */
export function leaked(knocks: Pick<Knock, "path" | "body">[]): string[] {
  const heard = knocks.map((knock) => `${knock.path}\n${knock.body}`.toLowerCase()).join("\n");
  return Object.entries(PLANTED)
    .filter(([, text]) => disguises(text).some((each) => heard.includes(each.toLowerCase())))
    .map(([name]) => name);
}
