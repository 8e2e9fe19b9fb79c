/**
 * The site's allowlist and denylist, applied early so that a denied action never leaves the browser.
 * Never the last word: the server applies the same rules to whatever reaches it.
 */

/** One site's rules. An entry is an action, or a pattern in which `*` stands for any characters. */
export interface Rules {
  /** Only "enforce" holds events back: the lists of other modes never come as far as `forbids`. */
  mode: string;
  allow: string[];
  deny: string[];
}

function matches(action: string, patterns: string[]): boolean {
  return patterns.some((pattern) => {
    const source = pattern.replace(/[^*\w]/g, "\\$&").replace(/\*/g, ".*");
    return new RegExp(`^${source}$`).test(action);
  });
}

/** Why the rules forbid the action ("denied", "not_allowed"), or "" when they do not. Deny wins; an empty allowlist allows all. */
export function forbids(rules: Rules, action: string): "" | "denied" | "not_allowed" {
  if (matches(action, rules.deny)) return "denied";
  return rules.allow.length && !matches(action, rules.allow) ? "not_allowed" : "";
}
