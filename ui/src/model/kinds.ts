/**
 * What a customer did, by kind: the server's own table (insight/kinds.py), for events that have just come in.
 * Never: an event of two kinds, or of none.
 */
import type { FeedKind } from "./shapes";

export const feedKinds: Record<FeedKind, { name: string; definition: string }> = {
  visits: { name: "Visits", definition: "Pages visited and screens viewed." },
  clicks: { name: "Clicks", definition: "Clicks and taps, links followed to other sites, downloads." },
  hovers: { name: "Seen, hovered", definition: "Elements hovered over or seen." },
  forms: { name: "Forms", definition: "Forms submitted and left." },
  logins: { name: "Logins", definition: "Logged in or out, identified: all actions client.…" },
  other: { name: "Other", definition: "Everything else." },
};

const plain: Record<string, FeedKind> = {
  "page.visit": "visits",
  "screen.view": "visits",
  "element.click": "clicks",
  "element.rage": "clicks",
  "element.dead": "clicks",
  "screen.click": "clicks",
  "link.outbound": "clicks",
  "file.download": "clicks",
  "element.hover": "hovers",
  "element.view": "hovers",
};

/** The kind of an action. */
export function feedKindOf(action: string): FeedKind {
  if (action in plain) return plain[action] as FeedKind;
  return action.startsWith("form.") ? "forms" : action.startsWith("client.") ? "logins" : "other";
}

/** The kind an address names. */
export const readKind = (query: URLSearchParams): FeedKind | null => {
  const named = query.get("kind");
  return named !== null && named in feedKinds ? (named as FeedKind) : null;
};
