/**
 * page.visit: one for each time a person arrives at a page, however the browser or the application brought it about.
 * Never two for one navigation, never one for a page nobody saw. A visit is opened when the navigation happens and
 * recorded when its title has settled, before the next event, or when the page hides: whichever is first.
 * What is noted of it (clicks, views, hovers) is recorded after it, and after the turn of the page's that it was noted in, so
 * that nobody's click waits for storage; and before anything else is recorded, becomes of the visitor, or of the page.
 */

import type { Params, Settle, Verdict } from "./event.js";
import { attempt, each } from "./guard.js";
import { campaign, here, type Page, samePage, visitParams } from "./page.js";
import { whenTitled } from "./title.js";
import { shown, whenShown } from "./visibility.js";

/** A document that has its title already is given this long to redirect itself. */
const REDIRECT_MS = 50;
/** The same pageVisit of the same address within this is an effect that ran twice, not another visit. */
const REPEAT_MS = 1_000;

/** Records an event as of a page. */
export type Recorder = (action: string, params: Params, page: Page) => Promise<Verdict>;

interface Visit {
  _page: Page;
  /** Where the visitor came from: the campaign is the first address's, which a redirect may have lost since. */
  _from: Params;
  /** What the application adds to it. */
  _extra?: Params;
  /** The application's call that claimed it: its params as text, and its time. */
  _said?: string;
  _saidAt?: number;
  /** False while nobody has seen the page. */
  _seen: boolean;
  _verdict: Promise<Verdict>;
  _settle: Settle;
  /** Stops the wait for the title. */
  _stop?: () => void;
}

export interface Visits {
  /** Opens the visit of this document load; `page` is the page as it was first seen. */
  _load(page: Page): void;
  /** The page came out of the back/forward cache: nothing loaded, but a person arrived. */
  _restore(): void;
  /** The address may have changed within the document; `replaced` when the history entry was overwritten. */
  _navigate(replaced: boolean): void;
  /** The application asks for a visit: the automatic one of this navigation when there is one, else one of its own. */
  _visit(params: Params): Promise<Verdict>;
  /** Has something recorded on this visit; `page`: as it was then. */
  _note(action: string, params: Params, page?: Page): void;
  /** Records the open visit, if somebody has seen the page, and all that was noted. */
  _flush(): void;
  /** Run when a visit begins after the first. */
  _begins: (() => void)[];
}

/** The visits of one document. */
export function openVisits(record: Recorder): Visits {
  const begins: (() => void)[] = [];
  /** The latest visit, and whether it is not recorded yet. */
  let visit: Visit | undefined;
  let open = false;
  /** What waits for the page's turn to end. */
  let noted: (() => void)[] = [];
  let url = "";
  let told = "";

  /** The campaign that brought the visitor here, once: an address that keeps its utm parameters is no second landing. */
  function landing(address: string): Params {
    const utm = campaign(address);
    const text = Object.values(utm).join();
    if (!text || text === told) return {};
    told = text;
    return utm;
  }

  function flush(): void {
    const runs = noted;
    noted = [];
    if (open && visit?._seen) {
      open = false;
      visit._stop?.();
      const page = { ...visit._page, title: document.title };
      const params = { ...visit._from, ...visitParams(), ...visit._extra };
      record("page.visit", params, page).then(visit._settle);
    }
    each(runs, undefined);
  }

  function begin(page: Page, from: Params, seen = true): Visit {
    if (url) each(begins, undefined);
    flush();
    url = page.url;
    open = true;
    let settle: Settle | undefined;
    const verdict = new Promise<Verdict>((done) => {
      settle = done;
    });
    visit = {
      _page: page,
      _from: { ...from, ...landing(url) },
      _seen: seen,
      _verdict: verdict,
      _settle: settle as unknown as Settle,
    };
    return visit;
  }

  const within = (): Params => ({ referrer: url, referrer_type: "spa" });

  return {
    _begins: begins,
    _flush: flush,
    _note(action, params, page = here()) {
      if (noted.push(() => record(action, params, page)) === 1) setTimeout(flush);
    },
    _load(page) {
      const seen = shown();
      const mine = begin(page, { referrer: page.referrer }, seen);
      whenShown(() => {
        mine._seen = true;
        if (!seen) mine._page = here();
        const timer = document.title ? setTimeout(flush, REDIRECT_MS) : 0;
        mine._stop = timer ? () => clearTimeout(timer) : whenTitled("", flush);
      });
    },
    _restore() {
      if (open && !visit?._seen) return;
      begin(here(), { referrer_type: "bfcache" });
      flush();
    },
    _navigate(replaced) {
      const page = here();
      const from = within();
      const known = url && samePage(page.url, url, replaced);
      url = page.url;
      if (known || (open && !visit?._seen)) return;
      if (open && visit && replaced) visit._page.url = url;
      else begin(page, from)._stop = whenTitled(document.title, flush);
    },
    async _visit(params) {
      const page = here();
      const said = attempt(() => JSON.stringify(params));
      const repeated = visit?._said === said && page.time - (visit?._saidAt ?? 0) < REPEAT_MS;
      const joins = visit && samePage(page.url, url) && (visit._said === undefined || repeated) && visit;
      const mine = joins || begin(page, url ? within() : { referrer: page.referrer });
      if (mine._said === undefined) {
        mine._extra = params;
        mine._said = said;
        mine._saidAt = page.time;
      }
      flush();
      return mine._verdict;
    },
  };
}
