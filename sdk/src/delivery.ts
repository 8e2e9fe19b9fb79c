/**
 * When events leave, and what their answers do to the queue.
 * Never lets go of an event before the server has answered for it: a beacon, which has no answer, frees nothing.
 * One request at a time; each wait is limited; a wait that the server asked for binds every tab.
 */

import { backoffMs, CAP_MS, fateOf, parseAnswer, type Rejection, retryAfterMs } from "./answer.js";
import type { Settings } from "./config.js";
import { byteLength, envelope, fitting } from "./envelope.js";
import { attempt, log } from "./guard.js";
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

export class Delivery {
  private _attempts = 0;
  private _notBefore = 0;
  private _batch = BATCH_EVENTS;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _flying: Promise<void> | undefined;
  private _held: string;
  /** The customer token that an entry goes under: "" for none; undefined holds it back. Parts put their own in place. */
  _pass: (entry: Entry) => string | undefined = () => "";
  /** Takes what an answer says: "stopped", or the code of a refusal, of `entry` or of the whole request. True: it was mended, send again. */
  _heed: (code?: string, entry?: Entry) => boolean | undefined = () => false;

  constructor(
    private _settings: Settings,
    private _queue: Queue,
  ) {
    this._held = `tw:w:${_settings.key}`;
  }

  /** When an event queued at `now` should leave. */
  due(now: number): number {
    return now + LINGER_MS;
  }

  /** The moment until which the server asked for quiet, in any tab; absurd values (a clock was set back) are ignored. */
  private _heldUntil(now: number): number {
    const until = Number(read(this._held)) || 0;
    return until - now > 12 * CAP_MS ? 0 : until;
  }

  /** Events that wait for a request now or within the linger; those just beaconed do not. */
  private _waiting(now: number): Entry[] {
    return this._idle().filter((entry) => entry.due <= now + LINGER_MS);
  }

  /** Events that no request carries and that may leave. */
  private _idle(): Entry[] {
    return this._queue.entries.filter((entry) => !entry.flight && this._pass(entry) !== undefined);
  }

  /** Those that go under the same token as the first: a request is one customer's. */
  private _alike(entries: Entry[]): Entry[] {
    return entries.filter((entry) => this._pass(entry) === this._pass(entries[0] as Entry));
  }

  /** Sets the clock for the next request. Call after anything that changes the queue. */
  plan(): void {
    clearTimeout(this._timer);
    const idle = this._idle();
    if (!idle.length || this._flying) return;
    const now = Date.now();
    const waiting = this._waiting(now);
    const bytes = waiting.reduce((sum, entry) => sum + entry.bytes, 0);
    const enough = waiting.length >= ENOUGH_EVENTS || bytes >= ENOUGH_BYTES;
    const due = enough ? now : Math.min(...idle.map((entry) => entry.due));
    const at = Math.max(due, this._notBefore, this._heldUntil(now));
    this._timer = setTimeout(() => this._send().catch(log), Math.max(0, at - now));
  }

  /** Sends what waits, without the linger and without the SDK's own back-off. Resolves when answered, or when the first try failed. */
  async flush(): Promise<void> {
    await this._flying;
    for (const entry of this._queue.entries) entry.due = 0;
    this._wake();
    await this._send();
  }

  /** The network is back: what failed for want of it need not wait any longer. */
  online(): void {
    this._wake();
    this.plan();
  }

  private _wake(): void {
    this._attempts = this._notBefore = 0;
  }

  private _send(): Promise<void> {
    this._flying ??= this._drain().finally(() => {
      this._flying = undefined;
      this.plan();
    });
    return this._flying;
  }

  /** One request after the other, until nothing waits or something says wait. */
  private async _drain(): Promise<void> {
    for (;;) {
      const now = Date.now();
      if (Math.max(this._heldUntil(now), this._notBefore) > now) return;
      this._queue.check(now);
      const batch = fitting(this._alike(this._waiting(now)), KEEPALIVE_BYTES, this._batch);
      if (!batch.length) return;
      await this._request(batch, now);
    }
  }

  private async _request(batch: Entry[], now: number): Promise<void> {
    const lost = this._queue.lost();
    const body = envelope(this._settings.key, batch, now, lost, this._pass(batch[0] as Entry));
    for (const entry of batch) entry.flight = now;
    const reply = await post(this._settings.url, body, byteLength(body));
    for (const entry of batch) entry.flight = 0;
    log("answer", reply.status, `${batch.length} events`);
    this._judge(batch, reply, lost);
  }

  private _judge(batch: Entry[], reply: Reply, lost: number): void {
    const rejections = parseAnswer(reply.text);
    const fate = fateOf(reply.status);
    const said = attempt(() => JSON.parse(reply.text || "{}"));
    const mended = this._heed(said?.stopped ? "stopped" : said?.error?.code);
    if (fate === "done" && rejections) this._acknowledge(batch, rejections, lost);
    else if (mended) for (const entry of batch) this._queue.tell(entry, "queued");
    else if (fate === "drop" || (fate === "halve" && batch.length === 1))
      this._giveUp(batch, reply.status, said?.error);
    else if (fate === "halve") this._batch = batch.length >> 1;
    else this._postpone(batch, reply, fate === "refuse");
  }

  private _acknowledge(batch: Entry[], rejections: Rejection[], lost: number): void {
    this._attempts = 0;
    this._queue.lose(-lost);
    batch.forEach((entry, index) => {
      const no = rejections.find((one) => (one.id ? one.id === entry.id : one.index === index));
      if (no && this._heed(no.code, entry)) this._queue.tell(entry, "queued", no.code, no.message);
      else if (no) this._queue.end(entry, "rejected", no.code, no.message);
      else this._queue.end(entry, "stored");
    });
  }

  private _giveUp(batch: Entry[], status: number, error?: Rejection): void {
    for (const entry of batch) this._queue.end(entry, "dropped", error?.code ?? `http_${status}`, error?.message);
  }

  /** Keeps the batch for later. An offline browser is no failed try: its return is announced. */
  private _postpone(batch: Entry[], reply: Reply, refused: boolean): void {
    const now = Date.now();
    const asked = retryAfterMs(reply.retryAfter, now);
    if (asked) write(this._held, String(now + asked));
    const wait = refused ? CAP_MS * (0.5 + Math.random() / 2) : backoffMs(this._attempts, Math.random());
    if (reply.status || navigator.onLine !== false) this._attempts++;
    this._notBefore = now + Math.max(asked, wait, 1);
    for (const entry of batch) this._queue.tell(entry, "queued");
  }

  /** The page hides and may never be seen again: hands the browser all that no request can be trusted with. */
  hide(): void {
    const now = Date.now();
    if (this._heldUntil(now) > now) return;
    this._queue.check(now);
    let rest = this._queue.entries.filter((entry) => this._unsafe(entry, now)).sort((a, b) => +a.low - +b.low);
    let most = BATCH_EVENTS * 10;
    while (rest.length) {
      const piece = fitting(this._alike(rest), BEACON_BYTES, most);
      const token = this._pass(piece[0] as Entry);
      if (beacon(this._settings.url, envelope(this._settings.key, piece, now, 0, token))) {
        rest = rest.filter((entry) => !piece.includes(entry));
        for (const entry of piece) {
          entry.due = now + BEACON_REST_MS;
          this._queue.tell(entry, "queued");
        }
      } else if (piece.length === 1) break;
      else most = piece.length >> 1;
    }
    this.plan();
  }

  /** Whether the page's end would be the event's: it is not in a request, or in one that may die with the page. */
  private _unsafe(entry: Entry, now: number): boolean {
    if (this._pass(entry) === undefined) return false;
    const mortal = entry.bytes > KEEPALIVE_BYTES / 2 || !("keepalive" in Request.prototype);
    return entry.flight ? mortal || now - entry.flight > FLIGHT_TRUST_MS : entry.due <= now + LINGER_MS;
  }
}
