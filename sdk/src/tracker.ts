/**
 * One site's tracking in one document: joins identity, session, queue and delivery.
 * Never touches storage or network while the page is only prerendered: the visit may never come.
 */

import { ACTION_MAX, faultOf, IDLE_RANK, rankOf } from "./action.js";
import { publish } from "./api.js";
import type { Settings } from "./config.js";
import { type Delivery, deliver } from "./delivery.js";
import { byteLength } from "./envelope.js";
import type { Params, Verdict } from "./event.js";
import { answered, attempt, each, listen, log, warn } from "./guard.js";
import { Identity } from "./identity.js";
import type { Load } from "./lazy.js";
import { watchNavigation } from "./navigation.js";
import { here, type Page } from "./page.js";
import type { Draft, Host, Part } from "./part.js";
import { openQueue, type Queue } from "./queue.js";
import { forbids } from "./rules.js";
import { nextSeq } from "./sequence.js";
import { openSessions, type Sessions } from "./session.js";
import { LEASE_MS, roll, tabLock } from "./tab.js";
import { isUuid, startId, uuid7 } from "./uuid.js";
import { shown, watchPage, whenActivated, whenShown } from "./visibility.js";
import { openVisits } from "./visits.js";

/** Largest event, in bytes of JSON: the collector refuses more. */
const EVENT_BYTES = 32_768;
/** Other tabs' leftovers are looked for up to this long after the page is shown, so that tabs shown together share them out. */
const ADOPT_WITHIN_MS = 1_000;

/** Its params are what is known of a person; the page is not. */
const IDENTIFY = "client.identify";

function refuse(action: unknown, code: string, why: string): Promise<Verdict> {
  warn(`event "${String(action)}" was not sent: ${why}`);
  log(code, action);
  return Promise.resolve({ id: "", status: "rejected", code, message: why });
}

/** The params as JSON, under them the page they belong to; undefined when they are no JSON object. */
function serialise(params: Params, page?: Page): string | undefined {
  if (typeof params !== "object" || Array.isArray(params)) return undefined;
  return attempt(() => JSON.stringify({ url: page?.url, title: page?.title, ...params }));
}

export class Tracker implements Host {
  private _tab = uuid7(Date.now()).slice(-12);
  private _lock = tabLock(this._tab);
  _identity: Identity;
  _sessions: Sessions;
  _queue: Queue;
  _delivery: Delivery;
  _api = publish(this);
  private _hides: ((event: Event) => void)[] = [];
  private _visits = openVisits((action, params, page) => answered(() => this._record(action, params, page)));

  _scan: (root?: Document | ShadowRoot) => void = () => {};

  constructor(
    readonly _settings: Settings,
    readonly _load: Load,
    /** What remains of form data that the application hands in. */
    private _clean: (params: Params) => Params,
  ) {
    this._identity = new Identity(_settings.cookieSeconds);
    this._sessions = openSessions(_settings.sessionTimeoutMs);
    this._queue = openQueue(_settings.key, this._tab);
    this._delivery = deliver(_settings, this._queue);
  }

  _veto(action: string): string {
    return forbids(this._settings.rules, action);
  }

  _note(action: string, params: Params, page = here()): Promise<Verdict> {
    return answered(() => {
      this._visits._flush();
      return this._record(action, params, page);
    });
  }

  _onHide(run: (event: Event) => void): void {
    this._hides.push(run);
  }

  _onVisit(run: () => void): void {
    this._visits._begins.push(run);
  }

  /** Begins to watch the page, and has the parts do so. `since`: when the page's first call was made, epoch ms. */
  watch(since: number, parts: Part[]): void {
    const { visits, spa } = this._settings;
    if (visits) this._visits._load({ ...here(), time: since });
    if (spa) watchNavigation((replaced) => this._visits._navigate(replaced));
    watchPage({
      hide: (event) => this._hide(event),
      show: () => this._show(),
      restore: () => {
        this._show();
        this._delivery._online();
        if (visits) this._visits._restore();
      },
    });
    listen(window, "online", () => this._delivery._online());
    whenShown(() => {
      this._show();
      each(parts, this as Host);
    });
  }

  private _hide(event: Event): void {
    this._visits._flush();
    each(this._hides, event);
    this._sessions._save();
    this._delivery._hide();
    this._lock._release();
  }

  /** The page is seen. What costs time and nobody waits for comes a little later: renewing the cookie, other tabs' leftovers. */
  private _show(): void {
    this._lock._take();
    this._queue.check(Date.now());
    this._delivery._plan();
    setTimeout(() => {
      this._identity.renew();
      this._adopt().catch(log);
    }, Math.random() * ADOPT_WITHIN_MS);
  }

  private async _adopt(): Promise<void> {
    const gone = await roll();
    if (!shown()) return;
    const left = this._queue.adopt(Date.now(), gone);
    if (left && !navigator.locks) setTimeout(() => this._adopt().catch(log), LEASE_MS);
    this._delivery._plan();
  }

  /** Records an event of the application's, after the visit it happened on. */
  async track(action: string, params?: Params | null, label?: string): Promise<Verdict> {
    const fault = faultOf(action);
    if (fault) return refuse(action, fault, `an action is context.activity, 1-${ACTION_MAX} of a-z A-Z 0-9 . - _`);
    const page = here();
    if (document.prerendering) await new Promise<void>(whenActivated);
    this._visits._flush();
    return this._record(action, params ?? {}, page, label);
  }

  private _record(action: string, params: Params, page: Page, label?: string): Promise<Verdict> {
    const why = this._veto(action);
    if (why) {
      log(why, action);
      return Promise.resolve({ id: "", status: "rejected", code: why });
    }
    const json = serialise(params, action === IDENTIFY ? undefined : page);
    if (!json) return refuse(action, "params_invalid", "params must be a JSON object");
    if (byteLength(json) > EVENT_BYTES) return refuse(action, "params_too_large", `more than ${EVENT_BYTES} bytes`);
    return this._write(action, page, json, label);
  }

  _write(action: string, page: Page, json: string, label?: string): Promise<Verdict> {
    const session = this._session(page, action);
    return this._put({ id: uuid7(page.time), action, label: label ?? undefined, time: page.time, session }, json);
  }

  /** The session of that moment; its start is recorded first when it begins here. */
  _session(page: Page, action: string): string | undefined {
    const { _id: id = "", _fresh: fresh } = this._sessions._touch(page.time, rankOf(action) === IDLE_RANK);
    if (fresh && !this._veto("session.start")) {
      const json = serialise({ referrer: page.referrer }, page) ?? "{}";
      this._put({ id: startId(id), action: "session.start", time: page.time, session: id }, json);
    }
    return id || undefined;
  }

  _put(event: Draft, params: string): Promise<Verdict> {
    const uuid = this._identity.get();
    const head = { ...event, uuid, seq: nextSeq(this._settings.key, uuid) };
    const json = `${JSON.stringify(head).slice(0, -1)},"params":${params}}`;
    log(event.action, json);
    return new Promise((settle) => {
      const now = Date.now();
      this._queue.add(head.id, head.action, json, now, this._delivery._due(now), settle);
      this._delivery._plan();
    });
  }

  /** Records a visit of the current page, or joins the automatic one. */
  async visit(params?: Params | null): Promise<Verdict> {
    if (document.prerendering) await new Promise<void>(whenActivated);
    return this._visits._visit(params ?? {});
  }

  /** Sends what waits. Resolves when it is answered or has failed once. */
  flush(): Promise<void> {
    this._visits._flush();
    return this._delivery._flush();
  }

  /** Records who uses this device. */
  identify(who: Params): Promise<Verdict> {
    return this.track(IDENTIFY, who);
  }

  /** Records a form that is no HTML form; `mapping` gives fields of `data` another name as well: param → field. */
  _submit(form: string, data: Params, mapping: Record<string, string> = {}): Promise<Verdict> {
    const params = { ...data };
    for (const name in mapping) params[name] = data[mapping[name] as string];
    return this.track("form.submit", { ...this._clean(params), form: form || "form" });
  }

  /** This device's uuid. */
  uuid(): string {
    return this._identity.get();
  }

  /** Takes another uuid for this device and, as it is another customer, another session. False when it is no UUID. */
  become(uuid: string): boolean {
    if (!isUuid(uuid)) {
      warn(`"${String(uuid)}" is not a UUID`);
      return false;
    }
    whenActivated(() => {
      if (uuid.toLowerCase() === this._identity.get()) return;
      this._visits._flush();
      this._sessions._forget();
      this._identity.set(uuid);
    });
    return true;
  }
}
