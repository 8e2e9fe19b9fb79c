/**
 * One site's tracking in one document: joins identity, session, queue and delivery.
 * Never touches storage or network while the page is only prerendered: the visit may never come.
 */

import { ACTION_MAX, faultOf, IDLE_RANK, rankOf } from "./action.js";
import { publish } from "./api.js";
import type { Settings } from "./config.js";
import { deliver } from "./delivery.js";
import { byteLength } from "./envelope.js";
import type { Params, Verdict } from "./event.js";
import { answering, attempt, each, listen, log, textOf, verdict, warn } from "./guard.js";
import { openIdentity } from "./identity.js";
import type { Load } from "./lazy.js";
import { watchNavigation } from "./navigation.js";
import { here, type Page } from "./page.js";
import type { Host, Part } from "./part.js";
import { openQueue } from "./queue.js";
import { forbids } from "./rules.js";
import { nextSeq } from "./sequence.js";
import { openSessions } from "./session.js";
import { LEASE_MS, roll, tabLock } from "./tab.js";
import { isUuid, startId, uuid7 } from "./uuid.js";
import { shown, watchPage, whenActivated, whenShown } from "./visibility.js";
import { openVisits } from "./visits.js";

/** Largest event, in bytes of JSON: the collector refuses more. */
const EVENT_BYTES = 32_768;
/** Other tabs' leftovers are looked for up to this long after the page is shown, so that tabs shown together share them out. */
const ADOPT_WITHIN_MS = 1_000;

/** Its params are what is known of a person; the page is not. */
export const IDENTIFY = "client.identify";

/** What the public calls need of a tracker, beside what the parts do. */
export interface Tracker extends Host {
  /** Begins to watch the page, and has the parts do so. `since`: when the page's first call was made, epoch ms. */
  _watch(since: number, parts: Part[]): void;
  /** Records an event of the application's, after the visit it happened on. */
  _track(action: string, params?: Params | null, label?: string): Promise<Verdict>;
  /** Records a visit of the current page, or joins the automatic one. */
  _visit(params?: Params | null): Promise<Verdict>;
  /** Sends what waits. Resolves when it is answered or has failed once. */
  _flush(): Promise<void>;
  /** Records a form that is no HTML form; `mapping` gives fields of `data` another name as well: param → field. */
  _submit(form: string, data: Params, mapping?: Record<string, string>): Promise<Verdict>;
}

/** An event that is not recorded; a `hint` is for the developer whose mistake it is. */
async function refuse(action: unknown, code: string, hint?: string): Promise<Verdict> {
  if (hint) warn(`event "${String(action)}" not sent: ${code}, ${hint}`);
  log(code, action);
  return verdict("rejected", code, hint);
}

/** The params as JSON, under them the page they belong to; undefined when they are no JSON object. */
function serialise(params: Params, page?: Page): string | undefined {
  if (typeof params !== "object" || Array.isArray(params)) return undefined;
  return attempt(() => textOf({ url: page?.url, title: page?.title, ...params }));
}

/** At once, unless the page is only prerendered: then when it is shown. */
async function activated<T>(run: () => T): Promise<Awaited<T>> {
  if (document.prerendering) await new Promise<void>(whenActivated);
  return await run();
}

/** The tracking of one site; `load` gets at its rarer files, `clean` lets through what it should of form data that the application hands in. */
export function track(settings: Settings, load: Load, clean: (params: Params) => Params): Tracker {
  const { key, features, session_timeout_ms } = settings;
  const automatic = features.page_visit;
  const tab = uuid7(Date.now()).slice(-12);
  const lock = tabLock(tab);
  const identity = openIdentity(settings._cookieSeconds);
  const sessions = openSessions(session_timeout_ms);
  const queue = openQueue(key, tab, lock._holds);
  const delivery = deliver(settings, queue);
  const hides: ((event: Event) => void)[] = [];
  const visits = openVisits(answering(record));

  function record(action: string, params: Params, page: Page, label?: string): Promise<Verdict> {
    const why = host._veto(action);
    if (why) return refuse(action, why);
    const json = serialise(params, action === IDENTIFY ? undefined : page);
    if (!json) return refuse(action, "params_invalid", "no JSON object");
    if (byteLength(json) > EVENT_BYTES) return refuse(action, "params_too_large", `over ${EVENT_BYTES} bytes`);
    return host._write(action, page, json, label);
  }

  function hide(event: Event): void {
    each(hides, event);
    visits._flush();
    sessions._save();
    delivery._hide();
    lock._release();
  }

  /** The page is seen. What costs time and nobody waits for comes a little later: renewing the cookie, other tabs' leftovers. */
  function show(): void {
    queue.check(Date.now());
    lock._take();
    delivery._plan();
    setTimeout(() => {
      identity._renew();
      adopt().catch(log);
    }, Math.random() * ADOPT_WITHIN_MS);
  }

  async function adopt(): Promise<void> {
    const gone = await roll();
    if (!shown()) return;
    const left = queue.adopt(Date.now(), gone);
    if (left && !navigator.locks) setTimeout(() => adopt().catch(log), LEASE_MS);
    delivery._plan();
  }

  const host = {
    _settings: settings,
    _load: load,
    _identity: identity,
    _sessions: sessions,
    _queue: queue,
    _delivery: delivery,
    _scan: () => {},
    _veto: (action) => forbids(settings.rules, action),
    _onHide: (run) => hides.push(run),
    _onVisit: (run) => visits._begins.push(run),
    _note: visits._note,
    _write: (action, page, json, label) => {
      const { time } = page;
      const session = host._session(page, action);
      return host._put({ id: uuid7(time), action, label: label ?? undefined, time, session }, json);
    },
    /** Its start is recorded first when it begins here. */
    _session: (page, action) => {
      const { time, referrer } = page;
      const { _id: id = "", _fresh: fresh } = sessions._touch(time, rankOf(action) === IDLE_RANK);
      if (fresh && !host._veto("session.start"))
        host._put(
          { id: startId(id), action: "session.start", time, session: id },
          serialise({ referrer }, page) as string,
        );
      return id || undefined;
    },
    _put: (event, params) => {
      const uuid = identity._get();
      const { id, action } = event;
      const json = `${textOf({ ...event, uuid, seq: nextSeq(key, uuid) }).slice(0, -1)},"params":${params}}`;
      log(action, json);
      return new Promise((settle) => {
        const now = Date.now();
        queue.add(id, action, json, now, delivery._due(now), settle);
        delivery._plan();
      });
    },
    _become: (uuid) => {
      if (!isUuid(uuid)) {
        warn(`"${String(uuid)}" is not a UUID`);
        return false;
      }
      whenActivated(() => {
        if (uuid.toLowerCase() === identity._get()) return;
        visits._flush();
        sessions._forget();
        identity._set(uuid);
      });
      return true;
    },
    _watch: (since, parts) => {
      if (automatic) visits._load({ ...here(), time: since });
      if (automatic && features.spa) watchNavigation(visits._navigate);
      watchPage(hide, show, () => {
        show();
        delivery._online();
        if (automatic) visits._restore();
      });
      listen("online", delivery._online);
      whenShown(() => {
        show();
        setTimeout(each, 0, parts, host);
      });
    },
    _track: (action, params, label) => {
      const fault = faultOf(action);
      if (fault) return refuse(action, fault, `not context.activity, 1-${ACTION_MAX} of a-zA-Z0-9.-_`);
      const page = here();
      return activated(() => {
        visits._flush();
        return record(action, params ?? {}, page, label);
      });
    },
    _visit: (params) => activated(() => visits._visit(params ?? {})),
    _flush: () => {
      visits._flush();
      return delivery._flush();
    },
    _submit: (form, data, mapping = {}) => {
      const params = { ...data };
      for (const name in mapping) params[name] = data[mapping[name] as string];
      return host._track("form.submit", { ...clean(params), form: form || "form" });
    },
  } as Partial<Tracker> as Tracker;
  host._api = publish(host);
  return host;
}
