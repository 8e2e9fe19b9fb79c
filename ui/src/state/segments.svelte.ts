/**
 * The segments of the site that is looked at, for filters and their names.
 * Never: holds up a screen; until they are known, a segment has no name.
 */
import type { Segment } from "../model/segment";
import type { List } from "../model/shapes";
import { ask } from "./api";

let all = $state.raw<Segment[]>([]);
let shown = "";

export const segments = {
  get all(): Segment[] {
    return all;
  },
};

/** What a segment is called; a short word until it is known, or when it is gone. */
export const segmentName = (id: string): string => all.find((one) => one.id === id)?.name ?? "unknown";

/** Learns the segments of a site; `again` also when it did before. A failure leaves them without names. */
export async function learnSegments(site: string, again = false): Promise<void> {
  if (shown === site && !again) return;
  if (shown !== site) all = [];
  shown = site;
  try {
    const list = await ask<List<Segment>>(`/sites/${encodeURIComponent(site)}/segments`);
    if (shown === site) all = list.items;
  } catch (cause) {
    console.warn("The segments could not be loaded; they are shown without their names.", cause);
  }
}
