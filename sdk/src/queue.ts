/**
 * The events not yet known to be on the server, each written to localStorage before anything else happens to it.
 * One key per event: `tw:q:<site key>:<tab>:<time, base 36>-<n>`, so that tabs never overwrite each other.
 * Never forgets an event without a verdict, never keeps more than its limits, and treats storage as the truth:
 * an entry whose key is gone was taken over by another tab, if one can have done so; else the page has cleared its storage.
 */

import { rankOf } from "./action.js";
import { byteLength, type Sealed } from "./envelope.js";
import type { Settle, Verdict, WireEvent } from "./event.js";
import { log, parse, verdict } from "./guard.js";
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

export interface Queue {
  /** In the order they were queued. */
  readonly entries: Entry[];
  /** Queues an event that is to leave at `due`; it is on disk when this returns, where the browser has a disk for us. */
  add(id: string, action: string, json: string, now: number, due: number, settle: Settle): void;
  /** Tells what became of an event and lets go of it. */
  end(entry: Entry, status: Verdict["status"], code?: string, message?: string): void;
  /** Tells those who wait for the verdict; the entry stays. */
  tell(entry: Entry, status: Verdict["status"], code?: string, message?: string): void;
  /** How many events were given up and not yet reported. */
  lost(): number;
  /** Counts `more` given up; negative once a report of them has arrived. */
  lose(more: number): void;
  /** Lets go of what another tab took over, and gives up what is too old. Call before anything is sent. */
  check(now: number): void;
  /**
   * Takes over the stored events of tabs for which `gone(tab, age in ms)` holds, any site key's when they are too old.
   * Answers how many events of other tabs were left alone. The copy is written before the original goes, so a
   * kill in between leaves two of one id, which the server stores once.
   */
  adopt(now: number, gone: (tab: string, ageMs: number) => boolean): number;
}

/** The queue of one tab for one site key; `holds` tells whether no other tab can have taken over an event of that age (ms). */
export function openQueue(siteKey: string, tab: string, holds: (ageMs: number) => boolean): Queue {
  const entries: Entry[] = [];
  const prefix = `${ALL}${siteKey}:`;
  const lostKey = `tw:d:${siteKey}`;
  let count = 0;

  function keep(id: string, action: string, json: string, at: number, due: number, settle: Settle[]): void {
    const key = `${prefix}${tab}:${at.toString(36)}-${count++}`;
    const stored = write(key, json);
    entries.push({
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

  function end(entry: Entry, status: Verdict["status"], code?: string, message?: string): void {
    const at = entries.indexOf(entry);
    if (at >= 0) entries.splice(at, 1);
    if (entry.key) erase(entry.key);
    if (status === "dropped") lose(1);
    tell(entry, status, code, message);
  }

  function tell(entry: Entry, status: Verdict["status"], code?: string, message?: string): void {
    const said = verdict(status, code, message, entry.id);
    log(status, said, entry.json);
    for (const settle of entry.settle.splice(0)) settle(said);
  }

  const lost = () => Number(read(lostKey)) || 0;

  function lose(more: number): void {
    const sum = lost() + more;
    if (sum > 0) write(lostKey, String(sum));
    else erase(lostKey);
  }

  /** Keeps to the limits: of those that say least, the oldest go first. */
  function trim(): void {
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    while (entries.length > MAX_EVENTS || bytes > MAX_BYTES) {
      const [idlest] = entries.filter((entry) => !entry.flight).sort((a, b) => b._rank - a._rank);
      const victim = idlest ?? (entries[0] as Entry);
      bytes -= victim.bytes;
      end(victim, "dropped", "queue_full");
    }
  }

  /** Puts in the kept id where one made here lost against another tab's: two tabs that opened at once are one visitor. */
  function rename(mine: string, kept: string): void {
    const swap = (text: string) => text.split(mine).join(kept).split(startId(mine)).join(startId(kept));
    for (const entry of entries) {
      entry.id = swap(entry.id);
      entry.json = swap(entry.json);
      if (entry.key) write(entry.key, entry.json);
    }
  }

  function take(key: string, at: number, now: number): void {
    const json = read(key);
    if (!json) return;
    const event = parse<WireEvent>(json);
    if (event?.id) keep(event.id, event.action, json, at, now, []);
    else lose(1);
    erase(key);
  }

  return {
    entries,
    end,
    tell,
    lost,
    lose,
    add(id, action, json, now, due, settle) {
      keep(id, action, json, now, due, [settle]);
      trim();
    },
    check(now) {
      for (const entry of [...entries]) {
        const age = now - entry.at;
        if (entry.key && read(entry.key) === null) {
          // The page has cleared its storage, as many do at a logout.
          if (holds(age)) write(entry.key, entry.json);
          else {
            entry.key = "";
            end(entry, "queued");
          }
        } else if (age > MAX_AGE_MS) end(entry, "dropped", "too_old");
      }
      contested(rename);
    },
    adopt(now, gone) {
      let left = 0;
      for (const key of names(ALL)) {
        const [owner = "", stamp = ""] = key.split(":").slice(-2);
        const at = Number.parseInt(stamp, 36) || 0;
        const ours = key.startsWith(prefix);
        if (owner === tab) continue;
        if (now - at > MAX_AGE_MS) {
          erase(key);
          if (ours) lose(1);
        } else if (ours && gone(owner, now - at)) take(key, at, now);
        else if (ours) left++;
      }
      trim();
      return left;
    },
  };
}
