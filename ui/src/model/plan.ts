/**
 * What a tracking plan would change, in words.
 * Never: compares plans itself; the server does.
 */
import type { PlanChange } from "./shapes";

/** How many actions of one kind are named. */
const NAMED_MAX = 20;

/** A line for each kind of change; none: nothing changes. */
export function planWords(change: PlanChange): string[] {
  const lines = [
    actionsWords("Declares", change.declared),
    actionsWords("Changes", change.changed),
    actionsWords("Undeclares", change.undeclared),
  ];
  if (change.rules) {
    const { mode, allow, deny } = change.rules;
    lines.push(
      `Rules: ${mode === "enforce" ? "enforced" : "report only"}; allowed ${allow.join(", ") || "all"}; denied ${deny.join(", ") || "none"}`,
    );
  }
  if (change.declared_only !== null)
    lines.push(change.declared_only ? "Takes declared actions only" : "Takes undeclared actions too");
  return lines.filter(Boolean);
}

function actionsWords(verb: string, actions: string[]): string {
  if (actions.length === 0) return "";
  const more = actions.length - NAMED_MAX;
  return `${verb} ${actions.slice(0, NAMED_MAX).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
