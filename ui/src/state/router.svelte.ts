/**
 * The address, as state: History API. A hash names a place within a screen and is the browser's to go to.
 * Never: loses the site from the address, or adds a step to the history for a mere correction.
 */
import { SvelteURL } from "svelte/reactivity";
import { decodePart, type Route, readRoute } from "../model/route";

const here = new SvelteURL(location.href);

export const router = {
  get path(): string {
    return here.pathname;
  },
  get query(): URLSearchParams {
    return here.searchParams;
  },
  /** The place within the screen, without its `#`. */
  get hash(): string {
    return decodePart(here.hash.slice(1));
  },
  get route(): Route {
    return readRoute(here.pathname);
  },
  /** Path with query, as it can be come back to. */
  get address(): string {
    return here.pathname + here.search;
  },
};

export interface Step {
  /** Correct the address in place: no new step in the history. */
  replace?: boolean;
  /** Keep the scroll position: the screen stays, only a panel or a filter changes. */
  stay?: boolean;
}

/** Goes to a path of this page. */
export function go(to: string, { replace = false, stay = false }: Step = {}): void {
  const target = withSite(to);
  if (target === router.address + here.hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", target);
  here.href = location.href;
  if (!stay) window.scrollTo(0, 0);
}

/** An address, the current one, with some of its query changed; null takes a key out, a list gives it once for each. */
export function withQuery(
  changes: Record<string, string | string[] | null>,
  path = router.path,
  from = router.query,
): string {
  const query = new URLSearchParams(from);
  for (const [key, value] of Object.entries(changes)) {
    if (typeof value === "string") query.set(key, value);
    else {
      query.delete(key);
      for (const one of value ?? []) query.append(key, one);
    }
  }
  return join(path, query);
}

/** A path with a query, without a lone question mark. */
export function join(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** The site stays in every address, so that a link shows what its sender saw. */
export function withSite(to: string): string {
  const site = here.searchParams.get("site");
  const target = new URL(to, location.origin);
  if (site && !target.searchParams.has("site") && target.pathname !== "/login") target.searchParams.set("site", site);
  return target.pathname + target.search + target.hash;
}

/** Follows plain clicks on links of this page; others (new tab, other origin, download) are the browser's. */
function followLink(click: MouseEvent): void {
  if (click.defaultPrevented || click.button !== 0 || click.metaKey || click.ctrlKey || click.shiftKey || click.altKey)
    return;
  const link = (click.target as Element).closest("a");
  if (!link || link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
  if (readRoute(link.pathname).screen === "missing") return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  click.preventDefault();
  go(link.pathname + link.search + link.hash, { stay: link.dataset.stay !== undefined });
}

/** Starts listening; once, by the page's entry. */
export function startRouter(): void {
  window.addEventListener("popstate", () => {
    here.href = location.href;
  });
  document.addEventListener("click", followLink);
}
