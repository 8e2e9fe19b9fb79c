/**
 * Visitors who leave nothing in their browser: those of a site without cookies, and programs where the site ignores them.
 * Never reads or writes storage for either; a cookieless visitor's events carry no uuid, the server gives them the day's.
 */

import type { Host } from "./part.js";

/** Whether the browser says of itself that a program drives it. */
export const automated = (nav: { webdriver?: boolean; userAgent: string }): boolean =>
  !!nav.webdriver || /bot\/|crawl|spider|headless/i.test(nav.userAgent);

export function unseen(host: Host): void {
  const { cookieless, bots } = host._settings;
  const ignored = bots === "ignore" && automated(navigator);
  if (cookieless || ignored) {
    host._leaveNothing();
    host._session = () => undefined;
    host._identity._get = () => undefined as unknown as string;
    host._identity._renew = () => {};
  }
  if (ignored) host._veto = () => "automated";
}
