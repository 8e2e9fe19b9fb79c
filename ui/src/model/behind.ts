/**
 * The customers behind a number: what the server lists, and which number the address means.
 * Never: asks; see parts/BehindPanel.
 */
import type { CustomerSummary, Ms } from "./shapes";

export interface CustomerBehind extends Pick<CustomerSummary, "customer" | "uuids" | "identifiers"> {
  /** How many of what the number counts are theirs. */
  units: number;
  last_seen: Ms;
}

/** The number that the address means, in the words of its question's route; null for none. */
export function readWho(query: URLSearchParams): URLSearchParams | null {
  const text = query.get("who");
  return text === null ? null : new URLSearchParams(text);
}

/** The address's part of it. */
export const writeWho = (who: Record<string, string> | null): { who: string | null } => ({
  who: who === null ? null : new URLSearchParams(who).toString(),
});

/** Whether a number is the one that the address means. */
export const isWho = (who: URLSearchParams | null, one: Record<string, string>): boolean =>
  who?.toString() === new URLSearchParams(one).toString();

/** A question's parameters with those of the number. */
export function askWho(query: URLSearchParams, who: URLSearchParams): URLSearchParams {
  const asks = new URLSearchParams(query);
  for (const [key, value] of who) asks.set(key, value);
  return asks;
}
