/**
 * The address that the view of a question reads and changes: the page's, or that of a tile on a dashboard.
 * Never: changes the page's address for a tile; a link out of a tile leads to the question's own page.
 */
import { getContext, setContext } from "svelte";
import { tileQuery } from "../model/dashboard";
import { go, join, router, type Step, withQuery, withSite } from "./router.svelte";

export interface Address {
  /** What is asked. */
  readonly query: URLSearchParams;
  /** Where the question is asked with some of its query changed; see `withQuery` of the router. */
  withQuery(changes: Record<string, string | string[] | null>): string;
  /** Asks there. */
  go(to: string, step?: Step): void;
}

const KEY = Symbol("address");

const page: Address = {
  get query() {
    return router.query;
  },
  withQuery: (changes) => withQuery(changes),
  go,
};

/** The address a view is to read; to be called when it is made. */
export const useAddress = (): Address => getContext<Address | undefined>(KEY) ?? page;

/** Hands an address to the views inside the component that is being made. */
export const giveAddress = (address: Address): Address => setContext(KEY, address);

/** A tile's: what is changed in it stays in it, until the dashboard is opened anew. */
export class TileAddress implements Address {
  #path: string;
  #own = $state("");

  /** @param path the page of the question. @param query as it is saved. */
  constructor(path: string, query: string) {
    this.#path = path;
    this.#own = query;
  }

  get query(): URLSearchParams {
    return tileQuery(this.#own, router.query);
  }

  withQuery(changes: Record<string, string | string[] | null>): string {
    return withSite(withQuery(changes, this.#path, this.query));
  }

  go(to: string): void {
    this.#own = new URL(to, location.origin).search.slice(1);
  }

  /** The question's page, as the tile asks it. */
  get link(): string {
    return withSite(join(this.#path, this.query));
  }
}
