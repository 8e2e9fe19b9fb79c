/**
 * Who this device is known to belong to, so that another customer on it becomes another visitor.
 * Never keeps an identifier: only a short hash, which tells two apart and cannot be read back.
 */

import { attempt } from "./guard.js";
import { recall, remember } from "./keep.js";
import type { Host } from "./part.js";
import { uuid7 } from "./uuid.js";

const NAME = "tw_known";

/** A hash of 32 bits in base 36 (FNV-1a); "" for nothing. */
export function hash(text: unknown): string {
  if (text == null || text === "") return "";
  let sum = 0x811c9dc5;
  for (const char of String(text)) sum = Math.imul(sum ^ (char.codePointAt(0) as number), 0x01000193);
  return (sum >>> 0).toString(36);
}

/** Whether somebody else than the known one is named: by customer number, or by e-mail where that is all there is. */
export function isOther(known: string, named: string): boolean {
  const [id, mail] = known.split(".");
  const [nowId, nowMail] = named.split(".");
  return id && nowId ? id !== nowId : !!(mail && nowMail && mail !== nowMail);
}

/** The customer number by which this device is known, hashed; "" when there is none. */
export const knownId = (): string => (recall(NAME) ?? "").split(".")[0] as string;

/** Takes note of who uses the device; when that is somebody else than before, it becomes another visitor. */
export function meet(host: Host, customId: unknown, email?: unknown): void {
  const mail = email ? String(email).trim().toLowerCase() : "";
  const named = `${hash(customId)}.${hash(mail)}`;
  if (isOther(recall(NAME) ?? "", named)) host.become(uuid7(Date.now()));
  const [id, old] = (recall(NAME) ?? "").split(".");
  const [nowId, nowMail] = named.split(".");
  const kept = `${nowId || id || ""}.${nowMail || old || ""}`;
  if (kept.length > 1) remember(NAME, kept, host._settings.cookieSeconds);
}

export function known(host: Host): void {
  const become = host.become.bind(host);
  host.become = (uuid) => {
    const was = host._identity.get();
    const took = become(uuid);
    if (host._identity.get() !== was) remember(NAME, "", 0);
    return took;
  };
  const { identify } = host._api.client;
  host._api.client.identify = (who) => {
    attempt(() => meet(host, who.customId, who.email));
    return identify(who);
  };
}
