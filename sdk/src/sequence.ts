/**
 * The counter that lets the server see a gap: one per uuid, shared by all tabs through localStorage.
 * Never counts where it cannot be stored: a counter that starts again at each page would only report false gaps.
 */

import { parse } from "./guard.js";
import { read, write } from "./store.js";

/** How many uuids are remembered; a kiosk that resets for each customer must not fill the storage. */
const UUIDS = 8;

/** Whom this page has counted last, and how far, for a page that clears its storage. */
let counted: [whom: string, seq: number] = ["", 0];

/** The next number for the uuid, from 1; undefined without storage. */
export function nextSeq(key: string, uuid: string): number | undefined {
  const name = `tw:n:${key}`;
  const counts = parse<Record<string, number>>(read(name)) ?? {};
  const whom = key + uuid;
  const seq = Math.max(Number(counts[uuid]) || 0, counted[0] === whom ? counted[1] : 0) + 1;
  delete counts[uuid]; // so that it becomes the last
  counts[uuid] = seq;
  const next = Object.fromEntries(Object.entries(counts).slice(-UUIDS));
  if (!write(name, JSON.stringify(next))) return undefined;
  counted = [whom, seq];
  return seq;
}
