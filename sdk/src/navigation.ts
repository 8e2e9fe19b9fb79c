/**
 * Virtual navigations: the address changes and no document is loaded.
 * One navigation may signal three times (a hash change does); the caller compares addresses, this file only reports.
 * Never delays or changes a navigation, and never lets the page's own history call fail.
 */

import { attempt, listen } from "./guard.js";

interface EntryChange extends Event {
  navigationType?: string | null;
}

type Report = (replaced: boolean) => void;

function patch(name: "pushState" | "replaceState", report: Report): void {
  const native = history[name];
  history[name] = function (this: History, ...args: Parameters<typeof native>) {
    native.apply(this, args);
    attempt(() => report(name === "replaceState"));
  };
}

/** Reports each time the address may have changed; `replaced` when the history entry was overwritten rather than left. */
export function watchNavigation(report: Report): void {
  const navigation = (window as { navigation?: EventTarget }).navigation;
  if (navigation?.addEventListener) {
    listen("currententrychange", (event) => report((event as EntryChange).navigationType === "replace"), navigation);
    return;
  }
  patch("pushState", report);
  patch("replaceState", report);
  listen("popstate hashchange", () => report(false));
}
