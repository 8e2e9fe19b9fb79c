/**
 * What the core offers to the parts of the SDK that a site can do without (elements, forms), so that the core never
 * imports them: `full.ts` names the parts, and `core.ts` none.
 */

import type { Trackway } from "./api.js";
import type { Settings } from "./config.js";
import type { Delivery } from "./delivery.js";
import type { Params, Verdict, WireEvent } from "./event.js";
import type { Identity } from "./identity.js";
import type { Load } from "./lazy.js";
import type { Page } from "./page.js";
import type { Queue } from "./queue.js";
import type { Sessions } from "./session.js";

/** An event before it has a uuid. `auth`: whose token it needs, as `tokens.ts` marks it. */
export interface Draft extends Omit<WireEvent, "uuid" | "seq" | "params" | "session"> {
  session?: string;
  auth?: string;
}

/** Has an event recorded, once what the page does at the moment has ended. */
export type Note = (action: string, params: Params, page?: Page) => void;

/** The core, as a part sees it. */
export interface Host {
  _settings: Settings;
  /** Records an event as of now, or as of the page of an earlier moment; the visit it happened on is recorded first. */
  _note: Note;
  /** Runs each time the page hides, before what waits is sent: the last chance to note something. May come twice in a row; `event` says whether the page goes. */
  _onHide(run: (event: Event) => void): void;
  /** Takes each click, what it passed, its tagged element, where it leads, and its params, where `extras.ts` is there. */
  _clicked?(
    event: MouseEvent,
    path: Element[],
    tagged: Element | undefined,
    url: URL | undefined,
    params: Params,
  ): void;
  /** Runs each time another page visit begins within the document (virtual navigation, back/forward cache). */
  _onVisit(run: () => void): void;
  /** Looks for forms that no event would announce; set by the part that knows of them. */
  _scan(root?: Document | ShadowRoot): void;
  /** Loads a file of the SDK that only some pages need. */
  _load: Load;
  /** The public calls; parts add theirs, and put their own around those that are there. */
  _api: Trackway;
  /** Why an action may not be recorded now: a code, or "". Like each of the following, parts put their own around it. */
  _veto(action: string): string;
  /** Writes an event down with its session, as of its page; `json`: its params. */
  _write(action: string, page: Page, json: string, label?: string): Promise<Verdict>;
  /** The session of a moment; none where nothing is stored. */
  _session(page: Page, action: string): string | undefined;
  /** Puts an event into the queue; `params` as JSON. */
  _put(event: Draft, params: string): Promise<Verdict>;
  /** Takes another uuid for this device: it is another customer's now. */
  _become(uuid: string): boolean;
  /** Closes the browser's storage to us for good, whatever the visitor answers (`consent.ts`). */
  _leaveNothing(): void;
  /** Takes note of who uses the device, as `nameOf` names them; when that is somebody else than before, it becomes another visitor (`known.ts`). */
  _meet(named: string): void;
  /** The customer number by which this device is known, hashed; "" when there is none (`known.ts`). */
  _knownId(): string;
  _identity: Identity;
  _sessions: Sessions;
  _queue: Queue;
  _delivery: Delivery;
}

/** One part: begins to watch the page; or, when it is a guard, puts itself before the first event. */
export type Part = (host: Host) => void;
