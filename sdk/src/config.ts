/**
 * What a site may set.
 * Never reads the page or the browser: the origin is an argument. Unknown keys are ignored, so an old SDK survives a newer server.
 */

import type { Params } from "./event.js";
import type { Rules } from "./rules.js";

/** The configuration as an application passes it to `start`. */
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
  /** "required": nothing is stored or sent before `consent.grant()`. Default "not_needed". */
  consent?: "required" | "not_needed";
  /** What a browser's Global Privacy Control does: "limit" (no cross-domain links; noted), "deny" (as if consent were denied), "ignore". */
  gpc?: "limit" | "deny" | "ignore";
  /** Take secrets and e-mail addresses out of addresses. Default true. */
  scrub?: boolean;
  /** More query parameters whose values are taken out of addresses. */
  scrub_names?: string[];
  /** Params that are taken out of every event, at any depth. */
  drop_params?: string[];
  /** "ignore": do nothing in crawlers and in browsers driven by a program. Default "record". */
  bots?: "record" | "ignore";
  /** Store nothing in the browser and send no uuid: the server makes one that lasts a day. */
  cookieless?: boolean;
  /** Renew the uuid cookie by the server, where the collector is on the page's own origin. */
  server_cookie?: boolean;
  /** Other sites' domains to which links carry this visitor's uuid. */
  link_domains?: string[];
  /** Actions that are held until there is a customer token. */
  token_actions?: string[];
  /** Record nothing, and send nothing. */
  stopped?: boolean;
  /** Sees each event last. What it changes is sent; null or false drops the event. */
  beforeSend?: BeforeSend;
}

/** The configuration with every default filled in: as the server inlines it into the served file, `defaults.ts` for an application's. */
export interface Whole extends Config {
  endpoint: string;
  path: string;
  session_timeout_ms: number;
  cookie_days: number;
  features: NonNullable<Config["features"]>;
  rules: Rules;
  /** Whether a file has to be there before anything is done (`ahead.ts`). */
  ahead?: boolean;
}

/** The hook that sees each event before it is queued. */
export type BeforeSend = (event: {
  readonly action: string;
  readonly time: number;
  label?: string;
  params: Params;
}) => unknown;

/** What the SDK adds to it. */
export interface Settings extends Whole {
  /** Where events go. */
  _url: string;
  _cookieSeconds: number;
}

const DAY_S = 86_400;

/** `origin`: where the script came from, which is the collector's where the configuration names no endpoint. */
export const settle = (config: Whole, origin: string): Settings => ({
  ...config,
  _url: (config.endpoint || origin) + config.path,
  _cookieSeconds: config.cookie_days * DAY_S,
});
