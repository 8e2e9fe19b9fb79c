/**
 * Kinds of action: what an event is about, told from its name.
 * Never: knows about pictures (see parts/ActionIcon) or refuses a name it has not seen.
 */
import type { TrackedEvent } from "./shapes";

export type Kind = "visit" | "session" | "interaction" | "form" | "commerce" | "account" | "error" | "other";

export const kindNames: Record<Kind, string> = {
  visit: "Visits",
  interaction: "Interactions",
  form: "Forms",
  commerce: "Shopping",
  account: "Account",
  session: "Sessions",
  error: "Errors",
  other: "Other",
};

const byContext: Record<string, Kind> = {
  page: "visit",
  screen: "visit",
  session: "session",
  app: "session",
  element: "interaction",
  scroll: "interaction",
  link: "interaction",
  file: "interaction",
  form: "form",
  product: "commerce",
  cart: "commerce",
  transaction: "commerce",
  client: "account",
  error: "error",
};

const exceptions: Record<string, Kind> = { "screen.click": "interaction", "client.search": "interaction" };

/** The kind of an action, by its part before the first dot. */
export function kindOf(action: string): Kind {
  const context = action.slice(0, action.indexOf("."));
  return exceptions[action] ?? byContext[context] ?? "other";
}

/** The actions every installation knows, offered before any event was seen. */
export const builtIn = [
  "page.visit",
  "session.start",
  "session.end",
  "element.click",
  "element.view",
  "element.hover",
  "form.submit",
  "form.abandon",
  "screen.view",
  "screen.click",
  "app.start",
  "client.login",
  "client.logout",
  "client.identify",
];

/** Whether a text may be an action's name (contract, section 2). */
export const isAction = (text: string): boolean =>
  text.length <= 32 && /^[a-zA-Z0-9.\-_]+$/.test(text) && /[^.]\.[^.]/.test(text);

/**
 * Where it happened: the path of the page, or the screen's name; null when the event does not say.
 * The origin is left out: it is the site's own nearly always, and the whole address is in the event.
 */
export function placeOf(event: TrackedEvent): string | null {
  const { url, name, screen } = event.params;
  if (typeof url === "string" && url) return pathOf(url);
  if (typeof screen === "string" && screen) return screen;
  return event.action.startsWith("screen.") && typeof name === "string" ? name : null;
}

function pathOf(url: string): string {
  try {
    const { pathname, search, hash } = new URL(url);
    return pathname + search + hash;
  } catch {
    return url;
  }
}
