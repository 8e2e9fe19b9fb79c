/**
 * The public calls, as the page sees them.
 * Never lets an error out: a call that fails inside answers with a verdict that says so.
 */

import type { Config } from "./config.js";
import type { Consent } from "./consent.js";
import type { Params, Verdict } from "./event.js";
import { answering, attempt, log, speak } from "./guard.js";
import { IDENTIFY, type Tracker } from "./tracker.js";
import { uuid7 } from "./uuid.js";

/** What the file of the overlay offers: it listens from now on, in place of the console, which it goes on printing to. */
export interface OverlayFile {
  open(listen: typeof speak): void;
}

/**
 * The site's own actions and their params, for the compiler to check calls with. Empty here: a site adds its own by
 * declaring the interface again (`declare module "trackway" { interface EventMap { "product.buy": { sku: string } } }`).
 */
// biome-ignore lint/suspicious/noEmptyInterface: others add to it
export interface EventMap {}

/** What `start` returns, and what the global object becomes. */
export interface Trackway {
  /** Resolves when the SDK runs. Optional: the served file carries the site's configuration. `beforeSend` sees each event from now on. */
  init(options?: Pick<Config, "beforeSend">): Promise<void>;
  /** Shows each event and what became of it, on the console and in a list over the page; or stops doing so. */
  debug(on?: boolean): void;
  event: {
    /**
     * Records an event.
     * @param action `context.activity`, 1-32 characters of a-z A-Z 0-9 . - _
     * @param params anything JSON can hold, at most 32 KiB; `time` (epoch ms or ISO 8601) sets the event's time
     * @param label what people read in the activity feed, at most 256 characters
     * @returns what became of it: the promise settles when the server has answered or the first try has failed
     */
    trackCustomEvent<Action extends keyof EventMap | (string & {})>(
      action: Action,
      ...rest: Action extends keyof EventMap
        ? [params: EventMap[Action], label?: string]
        : [params?: Params | null, label?: string]
    ): Promise<Verdict>;
    /** Records a page.visit of the current address, or joins the automatic one of the same navigation. */
    pageVisit(params?: Params | null): Promise<Verdict>;
    /**
     * Records a form.submit of what is no HTML form.
     * @param form its name
     * @param data its values by field
     * @param mapping param → field of `data` that holds it, where the two have different names
     */
    sendFormData(form: string, data: Params, mapping?: Record<string, string>): Promise<Verdict>;
    /** Sends now what waits. Resolves when it is answered or has failed once. */
    flush(): Promise<void>;
  };
  client: {
    /** Says who uses this device: `customId`, `email`, and any attributes. */
    identify(who: Params): Promise<Verdict>;
    /** This device's uuid. Await it: before the SDK has loaded it is a promise. */
    getUuid(): string;
    /** Takes a uuid that is known from elsewhere. False when it is not a UUID. */
    setUuid(uuid: string): boolean;
    /** Logs out: a fresh uuid, a new session. Events already recorded keep the old ones. */
    reset(): void;
    /** Says who the customer is, proved by a token (JWT) of the site's own backend. It is kept in memory only. */
    setAccessToken(jwt: string): void;
    /** Forgets the token. Events that need one wait. */
    clearAccessToken(): void;
    /** Called, once at a time, when the server no longer takes the token; may return the next one, or a promise of it. */
    onTokenExpired(callback: () => unknown): void;
  };
  consent: {
    /** The visitor agrees: what was held is sent, and from now on events are. */
    grant(): void;
    /** The visitor does not agree: what was held and stored is forgotten. */
    deny(): void;
    status(): Consent;
  };
  forms: {
    /** Looks for forms inside of shadow roots that were added by script. Forms elsewhere are found without it. */
    scan(): void;
  };
}

/** What the core answers by itself; `SR.init`, `SR.consent` and the token calls are those of guards (`refine.ts`, `consent.ts`, `token.ts`). */
type Core = Pick<Trackway, "debug" | "event" | "forms"> & {
  client: Pick<Trackway["client"], "identify" | "getUuid" | "setUuid" | "reset">;
};

/** The calls of one tracker. */
export function publish(tracker: Tracker): Trackway {
  const core: Core = {
    debug: (on = true) => {
      log("off");
      speak(on ? console.log.bind(console, "[trackway]") : undefined);
      if (on) tracker._load("overlay").then((file) => (file as OverlayFile).open(speak), log);
    },
    event: {
      trackCustomEvent: answering(tracker._track),
      pageVisit: answering(tracker._visit),
      sendFormData: answering(tracker._submit),
      flush: async () => tracker._flush().catch(log),
    },
    client: {
      identify: answering((who) => tracker._track(IDENTIFY, who)),
      getUuid: () => attempt(() => tracker._identity._get()) ?? "",
      setUuid: (uuid) => attempt(() => tracker._become(uuid)) ?? false,
      reset: () => {
        attempt(() => tracker._become(uuid7(Date.now())));
      },
    },
    forms: { scan: () => attempt(() => tracker._scan()) },
  };
  return core as Trackway;
}
