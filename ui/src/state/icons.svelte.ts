/**
 * The icons that a site's definitions name for their actions, asked for once a site.
 * Never: holds up a screen; until they are known, an action has its kind's picture.
 */
import { SvelteMap } from "svelte/reactivity";
import type { Definition, List } from "../model/shapes";
import { ask } from "./api";

const PAGE = 200;
const PAGES_MAX = 10;

const icons = new SvelteMap<string, string>();
let shown = "";

/** The icon declared for an action of the site that is looked at; empty where none is. */
export const iconOf = (action: string): string => icons.get(action) ?? "";

/** Notes what was declared anew. */
export function noteIcons(definitions: Definition[]): void {
  for (const one of definitions) {
    if (one.icon) icons.set(one.action, one.icon);
    else icons.delete(one.action);
  }
}

/** Learns the icons of a site. A failure leaves the pictures of kinds, which are true too. */
export async function learnIcons(site: string): Promise<void> {
  if (shown === site) return;
  shown = site;
  icons.clear();
  const path = `/sites/${encodeURIComponent(site)}/definitions`;
  const query = new URLSearchParams({ declared: "true", limit: String(PAGE) });
  try {
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const list = await ask<List<Definition>>(path, { query });
      if (shown !== site) return;
      noteIcons(list.items);
      if (list.next === null) return;
      query.set("cursor", list.next);
    }
  } catch (cause) {
    console.warn("The actions' icons could not be loaded; their kinds' pictures are shown.", cause);
  }
}
