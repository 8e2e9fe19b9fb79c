/**
 * Lines of the audit log in words: who, what, and what differs.
 * Never: hides a change it has no words for.
 */
import type { AuditLine } from "./shapes";

const authors: Record<string, string> = {
  user: "",
  key: "API key ",
  command: "the command line",
  server: "the server itself",
};

const deeds: Record<string, string> = {
  "site.add": "added the site",
  "site.change": "changed the site",
  "site.archive": "archived the site",
  "site.restore": "restored the site",
  "site.rotate-key": "rotated the tracker key",
  "rules.put": "changed the rules",
  "customer.merge": "made two customers one",
  "customer.undo-merge": "undid the merge of two customers",
  "key.add": "added an API key",
  "key.revoke": "revoked an API key",
  "erasure.begin": "began an erasure",
  "definition.put": "changed a definition",
  "definition.remove": "took a definition away",
  "signing-key.add": "added a signing key",
  "signing-key.remove": "took a signing key away",
  "login.begin": "logged in",
  "login.end": "ended a login",
  "login.fail": "turned a login away",
  "login.throttle": "turned logins away unheard",
  "user.login-link": "made a login link",
};

/** Who made the change. */
export const authorWords = ({ kind, name }: AuditLine["who"]): string => `${authors[kind] ?? `${kind} `}${name}`;

/** What was done; a kind of change that this page does not know is shown as it came. */
export const deedWords = (what: string): string => deeds[what] ?? what;

/** One thing that differs, by its whole name. `before` and `after` are undefined where nothing was, or is. */
export interface Difference {
  name: string;
  before: unknown;
  after: unknown;
}

/** Everything that differs, objects inside taken apart. */
export function differences(line: AuditLine): Difference[] {
  return compare("", line.before ?? {}, line.after ?? {});
}

function compare(within: string, before: Record<string, unknown>, after: Record<string, unknown>): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [was, now] = [before[name], after[name]];
    const whole = within + name;
    if (isObject(was) || isObject(now)) return compare(`${whole}.`, isObject(was) ? was : {}, isObject(now) ? now : {});
    return [{ name: whole, before: was, after: now }];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value of a difference, short. */
export function valueWords(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value) && value.length === 0) return "empty";
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return typeof value === "string" ? value || "empty" : JSON.stringify(value);
}
