/** A valid event for tests, with what a test cares about put over it. */
import type { TrackedEvent } from "../src/model/shapes";

export const NOON = new Date(2026, 10, 11, 12).getTime();

let made = 0;

export function event(over: Partial<TrackedEvent>): TrackedEvent {
  made += 1;
  return {
    id: `id-${made}`,
    site: "default",
    action: "page.visit",
    label: "Visited page Home",
    time: NOON,
    received: NOON + 20,
    uuid: "u",
    customer: "c",
    session: "s",
    source: "web",
    authenticated: false,
    bot: false,
    params: {},
    context: {},
    ...over,
  };
}
