/**
 * One customer's events as a feed: days, in them sessions, in them events with the silences between.
 * Never: drops or reorders an event; newest first throughout, as the server sends them.
 */
import type { Ms, TrackedEvent } from "./shapes";
import { dayKey } from "./time";

/** A silence between two events of one session that is worth a line of its own. */
export const SILENCE_MS = 60_000;

export type Line =
  | { kind: "event"; event: TrackedEvent; stayed: number | null }
  | { kind: "silence"; key: string; ms: number };

export interface SessionGroup {
  key: string;
  /** Null for events that came without a session, e.g. from a back office. */
  session: string | null;
  from: Ms;
  to: Ms;
  count: number;
  lines: Line[];
  /** Silence between this session and the older one below it; null when that one is not loaded. */
  silenceBefore: number | null;
}

export interface DayGroup {
  key: string;
  time: Ms;
  sessions: SessionGroup[];
}

/**
 * Groups events, newest first, by the viewer's day and by session.
 * A session that runs over midnight is shown under both days: a heading never lies about its date.
 */
export function groupFeed(events: TrackedEvent[]): DayGroup[] {
  const days: DayGroup[] = [];
  for (const run of runsOf(events)) {
    const newest = run[0] as TrackedEvent;
    const day = days.at(-1);
    const key = dayKey(newest.time);
    const group = sessionOf(run, key);
    if (day?.key === key) day.sessions.push(group);
    else days.push({ key, time: newest.time, sessions: [group] });
  }
  const all = days.flatMap((day) => day.sessions);
  for (const [at, group] of all.entries()) {
    const older = all[at + 1];
    if (older) group.silenceBefore = Math.max(0, group.from - older.to);
  }
  return days;
}

/** Neighbouring events of the same day and session. */
function runsOf(events: TrackedEvent[]): TrackedEvent[][] {
  const runs: TrackedEvent[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last && together(last, event)) run.push(event);
    else runs.push([event]);
  }
  return runs;
}

function together(a: TrackedEvent, b: TrackedEvent): boolean {
  return (a.session ?? null) === (b.session ?? null) && dayKey(a.time) === dayKey(b.time);
}

function sessionOf(run: TrackedEvent[], day: string): SessionGroup {
  const newest = run[0] as TrackedEvent;
  const oldest = run.at(-1) as TrackedEvent;
  return {
    key: `${day}/${newest.session ?? "none"}/${oldest.id}`,
    session: newest.session ?? null,
    from: oldest.time,
    to: newest.time,
    count: run.length,
    lines: linesOf(run),
    silenceBefore: null,
  };
}

function linesOf(run: TrackedEvent[]): Line[] {
  const lines: Line[] = [];
  for (const [at, event] of run.entries()) {
    lines.push({ kind: "event", event, stayed: stayOn(run, at) });
    const older = run[at + 1];
    const ms = older ? event.time - older.time : 0;
    if (older && ms >= SILENCE_MS) lines.push({ kind: "silence", key: `${event.id}-${older.id}`, ms });
  }
  return lines;
}

const visits = new Set(["page.visit", "screen.view"]);

/** How long the visited page held the customer: until the next visit of the session, else its last event. */
function stayOn(run: TrackedEvent[], at: number): number | null {
  const visit = run[at] as TrackedEvent;
  if (!visits.has(visit.action) || at === 0) return null;
  for (let newer = at - 1; newer >= 0; newer--) {
    const event = run[newer] as TrackedEvent;
    if (visits.has(event.action) || newer === 0) return Math.max(0, event.time - visit.time);
  }
  return null;
}

/** New events on top of what is loaded: each id once, newest first by time. */
export function mergeFeed(loaded: TrackedEvent[], fresh: TrackedEvent[]): TrackedEvent[] {
  const known = new Set(loaded.map((event) => event.id));
  const added = fresh.filter((event) => !known.has(event.id));
  if (added.length === 0) return loaded;
  return [...added, ...loaded].sort((a, b) => b.time - a.time);
}
