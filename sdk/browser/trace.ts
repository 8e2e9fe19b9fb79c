/**
 * What a script costs a page's main thread, read from a trace of the browser's own.
 * Never measures with the page's clocks: a trace names the file that each slice of time was spent in.
 */

import type { Browser, Page } from "playwright-core";

/** One complete slice of a trace; times in µs. */
interface Slice {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
  args: { data?: { url?: string; type?: string } };
}

const CATEGORIES = ["devtools.timeline", "v8.compile", "v8", "disabled-by-default-devtools.timeline", "toplevel"];
const WORK = new Set(["EvaluateScript", "FunctionCall", "v8.compile"]);
const LAYOUT = new Set(["Layout", "UpdateLayoutTree"]);

/** Runs something in a page and answers the trace of it. */
export async function traced(browser: Browser, page: Page, run: () => Promise<void>): Promise<Slice[]> {
  await browser.startTracing(page, { categories: CATEGORIES });
  await run();
  const text = (await browser.stopTracing()).toString();
  return (JSON.parse(text).traceEvents as Slice[]).filter((slice) => slice.ph === "X");
}

const within = (inner: Slice, outer: Slice) =>
  inner !== outer &&
  inner.tid === outer.tid &&
  inner.pid === outer.pid &&
  inner.ts >= outer.ts &&
  inner.ts + (inner.dur ?? 0) <= outer.ts + (outer.dur ?? 0);

/** The slices spent in files whose address holds `file`: the outermost, so that none is counted twice. */
export function spentIn(trace: Slice[], file: string): Slice[] {
  const mine = trace.filter((slice) => WORK.has(slice.name) && slice.args.data?.url?.includes(file));
  return mine.filter((slice) => !mine.some((other) => within(slice, other)));
}

/** Milliseconds of a slice: of the thread's own time where the browser tells it, so that a busy machine costs nothing. */
const ms = (slice: Slice): number => (slice.tdur ?? slice.dur ?? 0) / 1000;

/** The sum of it. */
export const total = (slices: Slice[]): number => slices.reduce((sum, slice) => sum + ms(slice), 0);

/** The longest of them, in ms. */
export const longest = (slices: Slice[]): number => Math.max(0, ...slices.map(ms));

/** Events of a pointer or a key. */
const INPUT = /^(pointer|mouse|click|key|focus)/;

const dispatches = (trace: Slice[], types = INPUT): Slice[] =>
  trace.filter((slice) => slice.name === "EventDispatch" && types.test(slice.args.data?.type ?? ""));

/** Those that ran inside the dispatch of such an event, or of those that are named. */
export function handling(trace: Slice[], slices: Slice[], types = INPUT): Slice[] {
  const outers = dispatches(trace, types);
  return slices.filter((slice) => outers.some((outer) => within(slice, outer)));
}

/** Those that ran since the first such event. */
export function since(trace: Slice[], slices: Slice[]): Slice[] {
  const first = Math.min(...dispatches(trace).map(({ ts }) => ts));
  return slices.filter(({ ts }) => ts >= first);
}

/** Layouts and style recalculations that one of these slices forced. */
export const forced = (trace: Slice[], slices: Slice[]): Slice[] =>
  trace.filter((slice) => LAYOUT.has(slice.name) && slices.some((outer) => within(slice, outer)));
