/**
 * The events not yet known to be on the server, each written to localStorage before anything else happens to it.
 * One key per event: `tw:q:<site key>:<tab>:<time, base 36>-<n>`, so that tabs never overwrite each other.
 * Never forgets an event without a verdict, never keeps more than its limits, and treats storage as the truth:
 * an entry whose key is gone was taken over by another tab.
 */

import { rankOf } from "./action.js";
import { byteLength, type Sealed } from "./envelope.js";
import type { Settle, Verdict, WireEvent } from "./event.js";
import { attempt, log } from "./guard.js";
import { contested } from "./keep.js";
import { erase, names, read, write } from "./store.js";
import { startId } from "./uuid.js";

/** Most events one tab keeps. */
export const MAX_EVENTS = 500;
/** Most bytes one tab keeps; browsers give a site about ten times this. */
export const MAX_BYTES = 524_288;
/** Older events are given up. */
export const MAX_AGE_MS = 604_800_000;

/** One waiting event. */
export interface Entry extends Sealed {
  id: string;
  /** How soon it is given up when room is short; 0 last. */
  _rank: number;
  /** When it was queued, epoch ms. */
  at: number;
  /** Its key in localStorage; "" when it is only in memory. */
  key: string;
  /** Not sent before this, epoch ms. */
  due: number;
  /** When the request that carries it left, epoch ms; 0 when none does. */
  flight: number;
  settle: Settle[];
}

const ALL = "tw:q:";

export class Queue {
  entries: Entry[] = [];
  private _prefix: string;
  private _count = 0;
  private _lost: string;

  constructor(
    siteKey: string,
    private _tab: string,
  ) {
    this._prefix = `${ALL}${siteKey}:`;
    this._lost = `tw:d:${siteKey}`;
  }

  private _keep(id: string, action: string, json: string, at: number, due: number, settle: Settle[]): void {
    const key = `${this._prefix}${this._tab}:${at.toString(36)}-${this._count++}`;
    const stored = write(key, json);
    this.entries.push({
      id,
      json,
      bytes: byteLength(json),
      _rank: rankOf(action),
      at,
      key: stored ? key : "",
      due,
      flight: 0,
      settle,
    });
  }

  /** Queues an event that is to leave at `due`; it is on disk when this returns, where the browser has a disk for us. */
  add(id: string, action: string, json: string, now: number, due: number, settle: Settle): void {
    this._keep(id, action, json, now, due, [settle]);
    this._trim();
  }

  /** Tells what became of an event and lets go of it. */
  end(entry: Entry, status: Verdict["status"], code?: string, message?: string): void {
    this.entries = this.entries.filter((other) => other !== entry);
    if (entry.key) erase(entry.key);
    if (status === "dropped") this.lose(1);
    this.tell(entry, status, code, message);
  }

  /** Tells those who wait for the verdict; the entry stays. */
  tell(entry: Entry, status: Verdict["status"], code?: string, message?: string): void {
    const verdict: Verdict = { id: entry.id, status, code, message };
    log(status, verdict, entry.json);
    for (const settle of entry.settle.splice(0)) settle(verdict);
  }

  /** How many events were given up and not yet reported. */
  lost(): number {
    return Number(read(this._lost)) || 0;
  }

  /** Counts `more` given up; negative once a report of them has arrived. */
  lose(more: number): void {
    const lost = this.lost() + more;
    if (lost > 0) write(this._lost, String(lost));
    else erase(this._lost);
  }

  /** Keeps to the limits: of those that say least, the oldest go first. */
  private _trim(): void {
    let bytes = this.entries.reduce((sum, entry) => sum + entry.bytes, 0);
    while (this.entries.length > MAX_EVENTS || bytes > MAX_BYTES) {
      const idle = this.entries.filter((entry) => !entry.flight);
      const most = Math.max(...idle.map((entry) => entry._rank));
      const victim = idle.find((entry) => entry._rank === most) ?? (this.entries[0] as Entry);
      bytes -= victim.bytes;
      this.end(victim, "dropped", "queue_full");
    }
  }

  /** Puts in the kept id where one made here lost against another tab's: two tabs that opened at once are one visitor. */
  private _rename(mine: string, kept: string): void {
    for (const entry of this.entries) {
      if (entry.id === startId(mine)) entry.id = startId(kept);
      entry.json = entry.json.split(mine).join(kept).split(startId(mine)).join(startId(kept));
      if (entry.key) write(entry.key, entry.json);
    }
  }

  /** Lets go of what another tab took over, and gives up what is too old. Call before anything is sent. */
  check(now: number): void {
    for (const entry of this.entries) {
      if (entry.key && read(entry.key) === null) {
        entry.key = "";
        this.end(entry, "queued");
      } else if (now - entry.at > MAX_AGE_MS) this.end(entry, "dropped", "too_old");
    }
    for (const [mine, kept] of contested()) this._rename(mine, kept);
  }

  /**
   * Takes over the stored events of tabs for which `gone(tab, age in ms)` holds, any site key's when they are too old.
   * Answers how many events of other tabs were left alone. The copy is written before the original goes, so a
   * kill in between leaves two of one id, which the server stores once.
   */
  adopt(now: number, gone: (tab: string, ageMs: number) => boolean): number {
    let left = 0;
    for (const key of names(ALL)) {
      const [tab = "", stamp = ""] = key.split(":").slice(-2);
      const at = Number.parseInt(stamp, 36) || 0;
      const ours = key.startsWith(this._prefix);
      if (tab === this._tab) continue;
      if (now - at > MAX_AGE_MS) {
        erase(key);
        if (ours) this.lose(1);
      } else if (ours && gone(tab, now - at)) this._take(key, at, now);
      else if (ours) left++;
    }
    this._trim();
    return left;
  }

  private _take(key: string, at: number, now: number): void {
    const json = read(key);
    if (!json) return;
    const event: WireEvent | undefined = attempt(() => JSON.parse(json));
    if (event?.id) this._keep(event.id, event.action, json, at, now, []);
    else this.lose(1);
    erase(key);
  }
}
