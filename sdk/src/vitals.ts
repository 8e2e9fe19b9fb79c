/**
 * How fast the page was for this visitor: the web vitals, once each time the page is left. Loaded only where a site asks for it.
 * Never begins a session: a page at which nobody did anything for as long as a session lasts reports none.
 */

import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals";
import { listen } from "./guard.js";
import { here } from "./page.js";
import type { Host } from "./part.js";

/** The layout shift score is a small number; the others are milliseconds. */
const rounded = ({ name, value }: Metric): number =>
  name === "CLS" ? Math.round(value * 1e4) / 1e4 : Math.round(value);

/** Measures from now on, what has already happened included. */
export function watch(host: Host): void {
  const latest = new Map<string, Metric>();
  const told = new Map<string, string>();
  let loaded = here();
  let active = Date.now();
  listen("pointerdown keydown", () => {
    active = Date.now();
  });
  listen("pageshow", (event) => {
    active = Date.now();
    if ((event as PageTransitionEvent).persisted) loaded = here();
  });
  for (const measure of [onTTFB, onFCP, onLCP, onCLS, onINP])
    measure((metric: Metric) => void latest.set(metric.name, metric), { reportAllChanges: true });
  host._onHide(() => {
    const time = Date.now();
    if (time - active > host._settings.session_timeout_ms) return;
    for (const metric of latest.values()) {
      const { name, id, rating, navigationType } = metric;
      if (told.get(name) === id) continue;
      told.set(name, id);
      const params = { name, value: rounded(metric), rating, navigation: navigationType };
      host._note("web.vital", params, { ...loaded, time });
    }
  });
}
