/**
 * Rules as they are typed: one a line; and what a preview says in words.
 * Never: decides about an action; the server does.
 */
import { exactCount, plural } from "./format";
import type { Preview, PreviewAction, Rules } from "./shapes";

/** The rules in a text: one a line; spaces and commas between them will do; each once. */
export function readRules(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

/** Rules as a text to be changed. */
export const writeRules = (rules: string[]): string => rules.join("\n");

/** Whether two lists say the same. */
export const sameList = (one: string[], other: string[]): boolean =>
  one.length === other.length && one.every((rule, at) => rule === other[at]);

/** Whether two sets of rules refuse the same actions; the mode does not matter to that. */
export const sameLists = (one: Rules, other: Rules): boolean =>
  sameList(one.allow, other.allow) && sameList(one.deny, other.deny);

/** What a preview comes to, in one sentence. */
export function previewWords(preview: Preview): string {
  if (preview.received === 0) return "No event was received yet, so there is nothing to try these rules on.";
  const refused = (preview.rejected.denied ?? 0) + (preview.rejected.not_allowed ?? 0);
  const looked = `the last ${plural(preview.received, "event")} received`;
  if (refused === 0) return `Of ${looked}, these rules would refuse none.`;
  return `Of ${looked}, these rules would refuse ${exactCount(refused)}.`;
}

/** What the rules would do with an action. */
export function fateWords(action: PreviewAction): string {
  if (action.code === "denied") return `denied by ${action.rule || "a list of its API key"}`;
  return action.code === "not_allowed" ? "not on the allowlist" : "would pass now";
}

/** What became of the events of an action: “stored 12, denied 3”. */
export const wasWords = (was: Record<string, number>): string =>
  Object.entries(was)
    .map(([fate, n]) => `${fate} ${exactCount(n)}`)
    .join(", ");
