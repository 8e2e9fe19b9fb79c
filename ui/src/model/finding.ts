/**
 * What a text typed into the search could mean, apart from customers.
 * Never: asks the server.
 */
import { isAction } from "./action";
import { isUuid } from "./customer";
import { eventPath } from "./route";

export interface Find {
  key: string;
  name: string;
  hint: string;
  to: string;
  kind: "screen" | "action" | "event" | "text";
}

const ACTIONS_SHOWN = 6;

/** Screens, actions, an event's id and a text search that fit what was typed, best first within each kind. */
export function findLocally(
  typed: string,
  screens: { name: string; path: string }[],
  actions: Iterable<string>,
): Find[] {
  const text = typed.trim();
  const low = text.toLowerCase();
  const found: Find[] = screens
    .filter((screen) => screen.name.toLowerCase().includes(low))
    .map((screen) => ({ key: screen.path, name: screen.name, hint: "screen", to: screen.path, kind: "screen" }));
  if (!text) return found;
  if (isUuid(text))
    found.push({
      key: "event",
      name: text,
      hint: "open event with this id",
      to: eventPath(text.toLowerCase()),
      kind: "event",
    });
  for (const action of matching(low, text, actions)) {
    const to = `/events?action=${encodeURIComponent(action)}`;
    found.push({ key: `action ${action}`, name: action, hint: "events with this action", to, kind: "action" });
  }
  const to = `/events?q=${encodeURIComponent(text)}`;
  found.push({ key: "text", name: `“${text}”`, hint: "in all events", to, kind: "text" });
  return found;
}

function matching(low: string, text: string, actions: Iterable<string>): string[] {
  const fitting = [...actions].filter((action) => action.toLowerCase().includes(low)).slice(0, ACTIONS_SHOWN);
  return isAction(text) && !fitting.includes(text) ? [text, ...fitting] : fitting;
}
