/**
 * What an action may look like, so that a slip is told to the developer at once.
 * Never stricter than the server: what is doubtful is sent and judged there.
 */

/** Longest action, in characters. */
export const ACTION_MAX = 32;

/** The code of the rule that an action breaks ("action_missing", "action_too_long", "action_invalid"), or "" when it is sound. */
export function faultOf(action: unknown): string {
  if (action == null || action === "") return "action_missing";
  if (typeof action !== "string") return "action_invalid";
  if (action.length > ACTION_MAX) return "action_too_long";
  return /^[\w.-]+$/.test(action) && /[^.]\..*[^.]/.test(action) ? "" : "action_invalid";
}

const RANKS = [/^page\.visit/, /^element\.click/, /^(element\.|scroll\.depth|web\.vital|error\.javascript)/];
/** The rank of what happens without anybody's intention: hovers, views, scrolling, measurements, script errors. */
export const IDLE_RANK = 3;

/** How soon an event is given up when room is short, 0 last: what people did on purpose, page visits, clicks, the rest. */
export const rankOf = (action: string): number => 1 + RANKS.findIndex((rank) => rank.test(action));
