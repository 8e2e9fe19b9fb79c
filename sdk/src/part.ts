/**
 * What the core offers to the parts of the SDK that a site can do without (elements, forms), so that the core never
 * imports them: `full.ts` names the parts, and `core.ts` none.
 */

import type { Settings } from "./config.js";
import type { Params, Verdict } from "./event.js";
import type { Page } from "./page.js";

/** The core, as a part sees it. */
export interface Host {
  _settings: Settings;
  /** Records an event as of now, or as of the page of an earlier moment; the visit it happened on is recorded first. */
  _note(action: string, params: Params, page?: Page): Promise<Verdict>;
  /** Runs each time the page hides, before what waits is sent: the last chance to note something. May come twice in a row. */
  _onHide(run: () => void): void;
  /** Runs each time another page visit begins within the document (virtual navigation, back/forward cache). */
  _onVisit(run: () => void): void;
}

/** One part: begins to watch the page. */
export type Part = (host: Host) => void;
