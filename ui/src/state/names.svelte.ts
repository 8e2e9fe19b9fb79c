/**
 * Names of recent customers, for rows that carry only an id.
 * Never: asks once per row; one bounded question answers for all, at most once a minute.
 */
import { SvelteMap } from "svelte/reactivity";
import { nameOf } from "../model/customer";
import type { CustomerSummary, List } from "../model/shapes";
import { ask } from "./api";
import { sitePath } from "./sites.svelte";

const ASKED_AT_ONCE = 200;
const ASK_AGAIN_MS = 60_000;
const NAMES_MAX = 2_000;

const names = new SvelteMap<string, string>();
const lastAsked = new Map<string, number>();

/** The name to show for a customer: an identity where one is known, else the short id. */
export const customerName = (customer: string): string => names.get(customer) ?? nameOf(customer);

/** Notes the names of customers that were loaded anyway. */
export function noteNames(customers: Pick<CustomerSummary, "customer" | "identifiers">[]): void {
  for (const one of customers) {
    if (Object.keys(one.identifiers).length > 0 && names.size < NAMES_MAX) {
      names.set(one.customer, nameOf(one.customer, one.identifiers));
    }
  }
}

/** Asks for the recent customers' names when some of these are unknown. A failure leaves short ids, which are true too. */
export async function learnNames(customers: Iterable<string>): Promise<void> {
  const path = sitePath("/customers");
  const unknown = [...customers].some((customer) => !names.has(customer));
  if (!unknown || Date.now() - (lastAsked.get(path) ?? 0) < ASK_AGAIN_MS) return;
  lastAsked.set(path, Date.now());
  try {
    const list = await ask<List<CustomerSummary>>(path, {
      query: new URLSearchParams({ limit: String(ASKED_AT_ONCE) }),
    });
    noteNames(list.items);
  } catch (cause) {
    console.warn("Customers' names could not be loaded; short ids are shown.", cause);
  }
}
