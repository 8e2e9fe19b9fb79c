/**
 * What a site may set, and the defaults where it sets nothing.
 * Never reads the page or the browser: the origin is an argument. Unknown keys are ignored, so an old SDK survives a newer server.
 */

import type { Rules } from "./rules.js";

/** The configuration as the server inlines it into the served file, or as an application passes it to `start`. */
export interface Config {
  /** The site's public tracker key. */
  key: string;
  /** Name of the global object; no global is made when it is absent. */
  name?: string;
  /** Absolute origin of the collector; "" means the origin that the script was loaded from. */
  endpoint?: string;
  /** Path of the collector on that origin. */
  path?: string;
  /** A session ends after this many ms without an event. */
  session_timeout_ms?: number;
  /** How long the uuid cookie lives, in days. Browsers cap it at 400. */
  cookie_days?: number;
  features?: {
    /** Record page.visit automatically. */
    page_visit?: boolean;
    /** Record page.visit on virtual navigations too. */
    spa?: boolean;
    /** Report clicks, views and hovers of elements tagged with data-track. */
    elements?: boolean;
    /** Report clicks of interactive elements that are not tagged. */
    autocapture?: boolean;
    /** Report links followed to other sites. */
    outbound?: boolean;
    /** Report links followed to files. */
    downloads?: boolean;
    /** Report how far pages are scrolled. */
    scroll?: boolean;
    /** Report clicks repeated in anger, and clicks that changed nothing. */
    frustration?: boolean;
    /** Report submitted and abandoned forms. */
    forms?: boolean;
    /** Report script errors; loaded lazily. */
    errors?: boolean;
    /** Report web vitals; loaded lazily. */
    vitals?: boolean;
  };
  rules?: Partial<Rules>;
}

/** The configuration with every default filled in. */
export interface Settings {
  key: string;
  name: string;
  url: string;
  sessionTimeoutMs: number;
  cookieSeconds: number;
  visits: boolean;
  spa: boolean;
  rules: Rules;
  /** Which parts run. */
  features: NonNullable<Config["features"]>;
}

const DAY_S = 86_400;

/** Fills in the defaults. `origin` is used where the configuration names no endpoint. */
export function settle(config: Config, origin: string): Settings {
  const features = config.features ?? {};
  const visits = features.page_visit !== false;
  return {
    key: config.key,
    name: config.name ?? "",
    url: (config.endpoint || origin) + (config.path ?? "/e"),
    sessionTimeoutMs: config.session_timeout_ms || 1_800_000,
    cookieSeconds: (config.cookie_days ?? 400) * DAY_S,
    visits,
    spa: visits && features.spa !== false,
    rules: { mode: "enforce", allow: [], deny: [], ...config.rules },
    features,
  };
}
