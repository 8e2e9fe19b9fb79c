/**
 * The sites there are, and the one that is looked at.
 * Never: shows one site's data under another's name: the choice is in the address.
 */
import { API_PATH, type Screen } from "../model/route";
import type { List, Site, SiteSummary } from "../model/shapes";
import { ask } from "./api";
import { remembered } from "./remember";
import { go, router, withQuery } from "./router.svelte";

let all = $state.raw<SiteSummary[]>([]);
let archived = $state.raw<Site[]>([]);
let loaded = $state(false);

const last = remembered("site");

const chosen = $derived([...all, ...archived].find((site) => site.id === router.query.get("site")));

export const sites = {
  get all(): SiteSummary[] {
    return all;
  },
  /** Sites out of use; one is still shown where the address names it. */
  get archived(): Site[] {
    return archived;
  },
  get loaded(): boolean {
    return loaded;
  },
  /** The site in the address; null while none is named or it does not exist. */
  get current(): SiteSummary | null {
    return chosen ?? null;
  },
  /** The name in the address when no such site exists. */
  get unknown(): string | null {
    const named = router.query.get("site");
    return loaded && named && !chosen ? named : null;
  },
};

/** Loads the list and puts a site into the address if it names none. @throws Problem */
export async function loadSites(): Promise<void> {
  const [used, put] = await Promise.all([
    ask<List<SiteSummary>>("/sites"),
    ask<List<Site>>("/sites", { query: new URLSearchParams({ archived: "true" }) }),
  ]);
  all = used.items;
  archived = put.items;
  loaded = true;
  settleSite();
}

/** Names a site in an address that has none: the last one looked at, else the first. */
export function settleSite(): void {
  if (!loaded || router.query.get("site")) return;
  const site = all.find((one) => one.id === last.read()) ?? all[0] ?? archived[0];
  if (site) go(`${withQuery({ site: site.id })}${location.hash}`, { replace: true, stay: true });
}

/** Looks at another site: same screen, without filters or ids that belong to the old one. */
export function chooseSite(id: string): void {
  last.write(id);
  const { screen } = router.route;
  const special: Partial<Record<Screen, string>> = {
    customer: "/customers",
    missing: "/live",
    newsite: "/settings",
    api: API_PATH,
  };
  go(`${special[screen] ?? `/${screen}`}?site=${encodeURIComponent(id)}`);
}

/** The API path of the current site: `/sites/{site}` + rest. */
export function sitePath(rest: string): string {
  return `/sites/${encodeURIComponent(chosen?.id ?? "")}${rest}`;
}
