/** What a site's backend does where events need proof of who the customer is: its key, and the tokens made with it. */

import { createHmac, randomBytes } from "node:crypto";
import type { served } from "./served.js";

const SECRET = randomBytes(48).toString("hex");

/** A token of the site's backend for a customer; it lives `seconds`. */
export function token(claims: object, seconds = 600, secret = SECRET): string {
  const coded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const said = `${coded({ alg: "HS256", typ: "JWT" })}.${coded({ exp: Math.floor(Date.now() / 1000) + seconds, ...claims })}`;
  return `${said}.${createHmac("sha256", secret).update(said).digest("base64url")}`;
}

/** Gives the site its key. */
export const addKey = (on: ReturnType<typeof served>) =>
  on.server.api("POST", `/sites/${on.site.id}/signing-keys`, { alg: "HS256", secret: SECRET });

/** Gives the site its key, and declares which action needs a token. */
export async function sign(on: ReturnType<typeof served>): Promise<void> {
  await addKey(on);
  await on.server.api("PUT", `/sites/${on.site.id}/definitions/order.paid`, { needs: "token" });
}
