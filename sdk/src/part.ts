/**
 * What the core offers to the parts of the SDK that a site can do without (elements, forms), so that the core never
 * imports them: `full.ts` names the parts, and `core.ts` none.
 */

import type { Settings } from "./config.js";
import type { Params, Verdict } from "./event.js";
import type { Load } from "./lazy.js";
import type { Page } from "./page.js";

/** Records an event. */
export type Note = (action: string, params: Params, page?: Page) => Promise<Verdict>;

/** The core, as a part sees it. */
export interface Host {
  _settings: Settings;
  /** Records an event as of now, or as of the page of an earlier moment; the visit it happened on is recorded first. */
  _note: Note;
  /** Runs each time the page hides, before what waits is sent: the last chance to note something. May come twice in a row; `event` says whether the page goes. */
  _onHide(run: (event: Event) => void): void;
  /** Runs each time another page visit begins within the document (virtual navigation, back/forward cache). */
  _onVisit(run: () => void): void;
  /** Looks for forms that no event would announce; set by the part that knows of them. */
  _scan(root?: Document | ShadowRoot): void;
  /** Loads a file of the SDK that only some pages need. */
  _load: Load;
}

/** One part: begins to watch the page. */
export type Part = (host: Host) => void;
