/**
 * When events leave, and what their answers do to the queue.
 * Never lets go of an event before the server has answered for it: a beacon, which has no answer, frees nothing.
 * One request at a time; each wait is limited; a wait that the server asked for binds every tab.
 */

import {
  type Answer,
  backoffMs,
  CAP_MS,
  isFinal,
  needsMending,
  type Rejection,
  rejections,
  retryAfterMs,
} from "./answer.js";
import type { Settings } from "./config.js";
import { byteLength, envelope, fitting } from "./envelope.js";
import { log, parse } from "./guard.js";
import { beacon, KEEPALIVE_BYTES, post, type Reply } from "./post.js";
import type { Entry, Queue } from "./queue.js";
import { read, write } from "./store.js";

/** How long an event waits for company: short, since somebody may be watching live. */
const LINGER_MS = 250;
/** This many events, or bytes of them, leave without waiting. */
const ENOUGH_EVENTS = 10;
const ENOUGH_BYTES = 12_288;
/** Most events in one request. */
const BATCH_EVENTS = 100;
/** Largest beacon; browsers refuse from 64 KiB on. */
const BEACON_BYTES = 61_440;
/** After a beacon, the answer to which nobody hears, an event is sent again after this long. */
const BEACON_REST_MS = 60_000;
/** A request older than this is not relied on when the page hides. */
const FLIGHT_TRUST_MS = 2_000;
/** Nobody waits longer than this for a verdict: who does hears that the event is queued. */
const PATIENCE_MS = 10_000;
/** The time of a request that would die with its page: never relied on. */
const MORTAL = 1;

export interface Delivery {
  /** When an event queued at `now` should leave. */
  _due(now: number): number;
  /** Sets the clock for the next request. Call after anything that changes the queue. */
  _plan(): void;
  /** Sends what waits, without the linger and without the SDK's own back-off. Resolves when answered, or when the first try failed. */
  _flush(): Promise<void>;
  /** The network is back, or the page from the back/forward cache: what may have been lost is sent again. */
  _online(): void;
  /** The page hides and may never be seen again: hands the browser all that no request can be trusted with. */
  _hide(): void;
  /** What a request with this entry says beside (`envelope`): "" for nothing; undefined holds it back. Parts put their own in place. */
  _pass(entry: Entry): string | undefined;
  /**
   * Takes what an answer says: "stopped", or the code of a refusal, of `entry` or of the whole request. True: it was mended,
   * send again. Parts put their own in place.
   */
  _heed(code?: string, entry?: Entry): boolean | undefined;
}

/** The delivery of one tab's queue. */
export function deliver(settings: Settings, queue: Queue): Delivery {
  const held = `tw:w:${settings.key}`;
  let attempts = 0;
  let notBefore = 0;
  /** The latest time seen: one before it is of a clock that was set back, and all that was planned is in its future. */
  let seen = 0;
  let most = BATCH_EVENTS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flying: Promise<void> | undefined;

  /** The moment until which the server asked for quiet, in any tab; absurd values (a clock was set back) are ignored. */
  function heldUntil(now: number): number {
    const until = Number(read(held)) || 0;
    return until - now > 12 * CAP_MS ? 0 : until;
  }

  /** Tells those who wait for a verdict that the events are kept. */
  const reassure = (entries: Entry[]) => {
    for (const entry of entries) queue.tell(entry, "queued");
  };

  /** Events that wait for a request now or within the linger; those just beaconed do not. */
  const waiting = (now: number) => ready().filter((entry) => entry.due <= now + LINGER_MS);

  /** Events that no request carries and that may leave. */
  const ready = () => queue.entries.filter((entry) => !entry.flight && delivery._pass(entry) !== undefined);

  /** Those that go with the first one: a request is one customer's. */
  const alike = (entries: Entry[]) =>
    entries.filter((entry) => delivery._pass(entry) === delivery._pass(entries[0] as Entry));

  function plan(): void {
    clearTimeout(timer);
    const now = Date.now();
    if (now < seen) hurry();
    seen = now;
    const idle = ready();
    if (!idle.length || flying) return;
    const soon = waiting(now);
    const bytes = soon.reduce((sum, entry) => sum + entry.bytes, 0);
    const enough = soon.length >= ENOUGH_EVENTS || bytes >= ENOUGH_BYTES;
    const due = enough ? now : Math.min(...idle.map((entry) => entry.due));
    const at = Math.max(due, notBefore, heldUntil(now));
    timer = setTimeout(() => send().catch(log), at - now);
    if (at - now > PATIENCE_MS) reassure(idle);
  }

  /** What was beaconed, or failed, waits no longer; only the server's own word still holds. */
  function hurry(): void {
    for (const entry of queue.entries) entry.due = 0;
    attempts = notBefore = 0;
  }

  function send(): Promise<void> {
    flying ??= drain().finally(() => {
      flying = undefined;
      plan();
    });
    return flying;
  }

  /** One request after the other, until nothing waits or something says wait. */
  async function drain(): Promise<void> {
    for (;;) {
      const now = Date.now();
      if (Math.max(heldUntil(now), notBefore) > now) return;
      queue.check(now);
      const batch = fitting(alike(waiting(now)), KEEPALIVE_BYTES, most);
      if (!batch.length) return;
      await request(batch, now);
    }
  }

  /** A request outlives its page where the browser allows; not after a failure, which may have been the page's used-up allowance. */
  async function request(batch: Entry[], now: number): Promise<void> {
    const lost = queue.lost();
    const body = envelope(settings.key, batch, now, lost, delivery._pass(batch[0] as Entry));
    const keepalive = !attempts && byteLength(body) <= KEEPALIVE_BYTES && "keepalive" in Request.prototype;
    for (const entry of batch) entry.flight = keepalive ? now : MORTAL;
    log("sent", batch);
    const reply = await post(settings._url, body, keepalive);
    for (const entry of batch) entry.flight = 0;
    judge(batch, reply, lost);
  }

  function judge(batch: Entry[], reply: Reply, lost: number): void {
    const { status, text } = reply;
    const said = parse<Answer>(text || "{}");
    log("answer", status);
    const refused = /^2/.test(`${status}`) && rejections(said);
    const mended = delivery._heed(said?.stopped ? "stopped" : said?.error?.code);
    if (refused) acknowledge(batch, refused, lost);
    else if (mended) reassure(batch);
    else if (status === 413 && batch[1]) most = batch.length >> 1;
    else if (isFinal(status)) giveUp(batch, status, said?.error);
    else postpone(batch, reply);
  }

  function acknowledge(batch: Entry[], rejections: Rejection[], lost: number): void {
    attempts = 0;
    queue.lose(-lost);
    batch.forEach((entry, index) => {
      const no = rejections.find((one) => one.index === index);
      if (no && delivery._heed(no.code, entry)) queue.tell(entry, "queued", no.code, no.message);
      else if (no) queue.end(entry, "rejected", no.code, no.message);
      else queue.end(entry, "stored");
    });
  }

  function giveUp(batch: Entry[], status: number, error?: Rejection): void {
    for (const entry of batch) queue.end(entry, "dropped", error?.code ?? `http_${status}`, error?.message);
  }

  /** Keeps the batch for later. An offline browser is no failed try: its return is announced. */
  function postpone(batch: Entry[], reply: Reply): void {
    const now = Date.now();
    const asked = retryAfterMs(reply.retryAfter, now);
    if (asked) write(held, String(now + asked));
    const wait = needsMending(reply.status) ? CAP_MS * (0.5 + Math.random() / 2) : backoffMs(attempts, Math.random());
    if (reply.status || navigator.onLine !== false) attempts++;
    notBefore = now + Math.max(asked, wait, 1);
    reassure(batch);
  }

  /** Whether the page's end would be the event's: it is not in a request, or in one that may die with the page. */
  const unsafe = (entry: Entry, now: number) =>
    delivery._pass(entry) !== undefined &&
    (entry.flight ? now - entry.flight > FLIGHT_TRUST_MS : entry.due <= now + LINGER_MS);

  const delivery: Delivery = {
    _pass: () => "",
    _heed: () => false,
    _due: (now) => now + LINGER_MS,
    _plan: plan,
    async _flush() {
      await flying;
      hurry();
      await send();
    },
    _online() {
      hurry();
      plan();
    },
    _hide() {
      const now = Date.now();
      if (heldUntil(now) > now) return;
      queue.check(now);
      let rest = queue.entries.filter((entry) => unsafe(entry, now)).sort((a, b) => a._rank - b._rank);
      let most = rest.length;
      while (rest.length) {
        const piece = fitting(alike(rest), BEACON_BYTES, most);
        const more = delivery._pass(piece[0] as Entry);
        if (beacon(settings._url, envelope(settings.key, piece, now, 0, more))) {
          log("sent", piece);
          rest = rest.filter((entry) => !piece.includes(entry));
          for (const entry of piece) entry.due = now + BEACON_REST_MS;
          reassure(piece);
        } else if (piece.length === 1) break;
        else most = piece.length >> 1;
      }
      plan();
    },
  };
  return delivery;
}
