/**
 * What tests have a page say through the SDK, and how they learn that all of it has arrived.
 * Never asks the SDK what it sent: the server is asked.
 */

import type { Page } from "playwright-core";
import type { Verdict } from "../src/event.js";
import type { ServedStage } from "./served.js";
import type { Stored } from "./server.js";

/** Records one event in the page; answers its verdict. */
export const track = (page: Page, action: string, params: object = {}): Promise<Verdict> =>
  page.evaluate(([name, more]) => SR.event.trackCustomEvent(name, more), [action, params] as [
    string,
    Record<string, unknown>,
  ]);

/** Records `count` events of an action at once, numbered from 0 in `n`. */
export const tracks = (page: Page, action: string, count: number): Promise<Verdict[]> =>
  page.evaluate(
    ([name, times]) => Promise.all(Array.from({ length: times }, (_, n) => SR.event.trackCustomEvent(name, { n }))),
    [action, count] as const,
  );

/** Sends all that the page has, and a mark behind it; answers everything stored before the mark, in the order it happened. */
export async function settled(on: ServedStage, page: Page): Promise<Stored[]> {
  await page.evaluate(async () => {
    await SR.event.flush();
    await SR.event.trackCustomEvent("test.mark");
    await SR.event.flush();
  });
  await on.stored("test.mark", 1);
  return (await on.server.stored(on.site)).filter((event) => event.action !== "test.mark");
}
