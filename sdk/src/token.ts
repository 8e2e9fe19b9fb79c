/**
 * Customer tokens: events go under the token of the customer they were recorded for, or wait for it.
 * Never writes a token anywhere, never sends an event under another customer's token, and asks for a new one once at a time.
 */

import { backoffMs } from "./answer.js";
import { attempt, warn } from "./guard.js";
import { hash, nameOf } from "./known.js";
import type { Host } from "./part.js";
import type { Entry } from "./queue.js";

/** What the SDK reads of a token; the server alone judges it. */
interface Claims {
  sub?: string;
  uuid?: string;
}

/** Asked for a new token; may answer with it, or set it itself. */
export type OnTokenExpired = () => unknown;

/** A callback that takes longer is not waited for. */
const ASK_MS = 10_000;

/** The claims of a JWT, unchecked; undefined when it is none. */
export function claimsOf(token: unknown): Claims | undefined {
  return attempt(() => {
    const bytes = atob((token as string).split(".")[1]?.replace(/-/g, "+").replace(/_/g, "/") as string);
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
  });
}

/** What decides under whose token an event may go. */
interface Marks {
  action: string;
  uuid: string;
  auth?: string;
  params: { customId?: unknown };
}

export function tokens(host: Host): void {
  const needs = new Set(host._settings.token_actions);
  const read = new WeakMap<Entry, [json: string, marks: Marks]>();
  const delivery = host._delivery;
  let token = "";
  let claims: Claims = {};
  let subject = "";
  let ask: OnTokenExpired | undefined;
  let asking = false;
  let failures = 0;

  const clear = () => {
    token = subject = "";
    claims = {};
  };
  const set = (jwt: unknown) => {
    const said = claimsOf(jwt);
    if (!said?.sub && !said?.uuid) return warn("no customer token: neither sub nor uuid");
    if (said.sub) host._meet(nameOf(said.sub));
    claims = said;
    subject = hash(said.sub ?? said.uuid?.toLowerCase());
    token = jwt as string;
    delivery._online();
  };
  const refresh = async () => {
    const who = subject;
    if (!ask || asking || !who) return;
    asking = true;
    try {
      const wait = new Promise((late) => setTimeout(late, ASK_MS));
      const fresh = await Promise.race([ask(), wait]);
      if (typeof fresh === "string" && subject === who) set(fresh);
    } catch (error) {
      warn(`onTokenExpired: ${error}`);
    }
    asking = false;
    if (!token && subject === who) setTimeout(refresh, backoffMs(++failures, 1));
    delivery._plan();
  };

  /** An entry's text may change: two tabs that opened at once become one visitor. */
  const marksOf = (entry: Entry): Marks => {
    if (read.get(entry)?.[0] !== entry.json) read.set(entry, [entry.json, JSON.parse(entry.json)]);
    return read.get(entry)?.[1] as Marks;
  };
  /** Whether the event was recorded for the token's customer. */
  const belongs = ({ action, uuid, auth, params }: Marks) =>
    subject !== "" &&
    (auth ? auth === subject : uuid === host._identity._get()) &&
    (!claims.uuid || claims.uuid.toLowerCase() === uuid) &&
    !(action === "client.identify" && params.customId != null && claims.sub && `${params.customId}` !== claims.sub);

  const pass = delivery._pass;
  delivery._pass = (entry) => {
    if (pass(entry) === undefined) return undefined;
    const marked = marksOf(entry);
    const mine = belongs(marked);
    if (mine && token) return `,"token":${JSON.stringify(token)}`;
    if (!needs.has(marked.action) && !(mine && asking)) return "";
    if (entry.settle[0]) host._queue.tell(entry, "queued", "token_required");
    return undefined;
  };
  const heed = delivery._heed;
  delivery._heed = (code, entry) => {
    const bad = code === "token_expired" || code === "token_invalid";
    if (!code && token) failures = 0;
    if (bad) token = "";
    else if (code === "token_required" && entry) needs.add(marksOf(entry).action);
    else return heed(code, entry);
    if (failures++) setTimeout(refresh, backoffMs(failures, 1));
    else refresh();
    return true;
  };
  const put = host._put;
  host._put = (event, params) => put({ ...event, auth: subject || host._knownId() || undefined }, params);
  const become = host._become;
  host._become = (uuid) => {
    const other = uuid !== host._identity._get();
    const done = become(uuid); // what was noted until then is recorded under the token's customer
    if (other) clear();
    return done;
  };
  Object.assign(host._api.client, {
    setAccessToken: (jwt: unknown) => {
      failures = 0;
      attempt(() => set(jwt));
    },
    clearAccessToken: clear,
    onTokenExpired: (callback: OnTokenExpired) => {
      ask = callback;
    },
  });
}
