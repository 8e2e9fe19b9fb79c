/**
 * page.visit: one for each time a person arrives at a page, however the browser or the application brought it about.
 * Never two for one navigation, never one for a page nobody saw. A visit is opened when the navigation happens and
 * recorded when its title has settled, before the next event, or when the page hides: whichever is first.
 */

import type { Params, Settle, Verdict } from "./event.js";
import { each } from "./guard.js";
import { here, type Page, pageKey, pagePath, visitParams } from "./page.js";
import { whenTitled } from "./title.js";
import { shown, whenShown } from "./visibility.js";

/** A replacing navigation this soon after another is its redirect, not a page. */
const REDIRECT_MS = 50;

/** Records an event as of a page. */
export type Recorder = (action: string, params: Params, page: Page) => Promise<Verdict>;

interface Visit {
  page: Page;
  /** What the application adds to it. */
  extra: Params;
  waiters: Settle[];
  /** False while nobody has seen the page. */
  seen: boolean;
  stop?: () => void;
}

export class Visits {
  /** Opened and not yet recorded. */
  private _open: Visit | undefined;
  /** The verdict of an automatic visit that no call of the application's has claimed. */
  private _unclaimed: Promise<Verdict> | undefined;
  private _url = "";
  /** Run when a visit begins after the first. */
  _begins: (() => void)[] = [];
  private _from: Params = {};

  constructor(private _record: Recorder) {}

  /** Opens the visit of this document load; `page` is the page as it was first seen. */
  load(page: Page): void {
    const seen = shown();
    const visit = this._begin(page, { referrer: page.referrer }, seen);
    whenShown(() => {
      visit.seen = true;
      if (!seen) visit.page = here();
      if (document.title) Promise.resolve().then(() => this.flush());
      else this._settle(visit, "");
    });
  }

  /** The page came out of the back/forward cache: nothing loaded, but a person arrived. */
  restore(): void {
    if (this._open && !this._open.seen) return;
    this._begin(here(), { referrer_type: "bfcache" }, true);
    this.flush();
  }

  /** The address may have changed within the document. */
  navigate(replaced: boolean): void {
    const page = here();
    const was = this._url;
    this._url = page.url;
    if (pageKey(page.url) === pageKey(was)) return;
    if (replaced && pagePath(page.url) === pagePath(was)) return;
    const open = this._open;
    if (open && !open.seen) return;
    if (open && replaced && page.time - open.page.time < REDIRECT_MS) {
      open.page.url = page.url;
      return;
    }
    this._settle(this._begin(page, { referrer: was, referrer_type: "spa" }, true), document.title);
  }

  /** The application asks for a visit: the automatic one of this navigation when there is one, else one of its own. */
  visit(params: Params): Promise<Verdict> {
    const page = here();
    const same = this._url && pageKey(page.url) === pageKey(this._url);
    const claimed = this._unclaimed;
    this._unclaimed = undefined;
    if (same && claimed && !this._open) return claimed;
    if (!same || !this._open) this._begin(page, same ? this._from : this._cameFrom(page), true);
    return this._claim(params);
  }

  private _cameFrom(page: Page): Params {
    return this._url ? { referrer: this._url, referrer_type: "spa" } : { referrer: page.referrer };
  }

  private _claim(params: Params): Promise<Verdict> {
    return new Promise((settle) => {
      const open = this._open as Visit;
      open.extra = { ...open.extra, ...params };
      open.waiters.push(settle);
      this.flush();
    });
  }

  private _begin(page: Page, from: Params, seen: boolean): Visit {
    this.flush();
    if (this._url) each(this._begins, undefined);
    this._url = page.url;
    this._from = from;
    this._open = { page, extra: {}, waiters: [], seen };
    return this._open;
  }

  private _settle(visit: Visit, oldTitle: string): void {
    visit.stop = whenTitled(oldTitle, () => this.flush());
  }

  /** Records the open visit, if somebody has seen the page. */
  flush(): void {
    const visit = this._open;
    if (!visit?.seen) return;
    this._open = undefined;
    visit.stop?.();
    const page = { ...visit.page, title: document.title };
    const verdict = this._record("page.visit", { ...this._from, ...visitParams(page), ...visit.extra }, page);
    this._unclaimed = visit.waiters.length ? undefined : verdict;
    verdict.then((known) => {
      for (const settle of visit.waiters) settle(known);
    });
  }
}
