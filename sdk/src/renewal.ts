/**
 * The uuid cookie, renewed by the server: browsers that cut short what scripts write (Safari: 7 days) leave such a cookie alone.
 * Works only where the collector is on the page's own origin; elsewhere the browser would not take it, and nothing is asked.
 */

import { siteDomain } from "./cookie.js";
import { log } from "./guard.js";
import type { Host } from "./part.js";
import { read, write } from "./store.js";

const DONE = "tw:renewed";
const DAY_MS = 86_400_000;

export function renewal(host: Host): void {
  const { key, server_cookie, _url: url } = host._settings;
  if (!server_cookie || new URL(url).origin !== location.origin) return;
  const identity = host._identity;
  // In place of a script's write, which would cut short what the server wrote.
  identity._renew = () => {
    const today = `${identity._get()} ${Math.floor(Date.now() / DAY_MS)}`;
    if (host._api.consent.status() === "granted" && read(DONE) !== today)
      fetch(`${url}/id?k=${key}&d=${siteDomain()}`, { method: "POST", credentials: "same-origin" })
        .then((answer) => answer.ok && write(DONE, today))
        .catch(log);
  };
}
