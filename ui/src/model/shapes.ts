/**
 * The shapes the server sends, to the letter of the public contract.
 * Never: adds a field of the page's own, or behaviour.
 */

/** Milliseconds since 1970 (UTC). */
export type Ms = number;

export type Source = "web" | "mobile" | "server" | "import" | "system";

export interface EventContext {
  browser?: string;
  os?: string;
  device?: string;
  country?: string;
  referrer_host?: string;
  channel?: string;
  utm?: Record<string, string>;
}

export interface TrackedEvent {
  id: string;
  site: string;
  action: string;
  label: string;
  time: Ms;
  received: Ms;
  client_time?: Ms | null;
  uuid: string;
  customer: string;
  session?: string | null;
  seq?: number | null;
  source: Source;
  authenticated: boolean;
  bot: boolean;
  params: Record<string, unknown>;
  context: EventContext;
  unusual?: unknown;
  ip?: string;
}

export interface List<T> {
  items: T[];
  next: string | null;
}

export interface Me {
  name: string;
  role: string;
  csrf: string;
}

export interface SiteSummary {
  id: string;
  name: string;
}

export interface Site extends SiteSummary {
  tracker_key: string;
  origins: string[];
  snippet: string;
  settings: Record<string, unknown>;
}

export interface Pulse {
  visitors_now: number;
  minutes: { time: Ms; events: number; visitors: number }[];
}

export interface CustomerSummary {
  customer: string;
  uuids: string[];
  identifiers: Record<string, string>;
  first_seen: Ms;
  last_seen: Ms;
  events: number;
}

export interface Customer extends CustomerSummary {
  sessions: number;
  devices: { device?: string; browser?: string; os?: string }[];
  first_source?: { channel?: string; referrer_host?: string } | null;
  country?: string | null;
}

export interface LedgerCounts {
  received: number;
  stored: number;
  duplicates: number;
  rejected: Record<string, number>;
  in_flight: number;
}

export interface LedgerInterval extends LedgerCounts {
  from: Ms;
  to: Ms;
}

export interface DeviceGap {
  uuid: string;
  sent: number;
  stored: number;
  missing: number[];
}

export interface Ledger extends LedgerCounts {
  from: Ms;
  to: Ms;
  made?: number;
  replayed?: number;
  dropped?: number;
  not_kept?: number;
  balanced: boolean;
  intervals: LedgerInterval[];
  gaps: DeviceGap[];
}

export interface Quarantined {
  /** The id the event gave itself; null when it gave none, and the same for one that came twice. */
  id: string | null;
  received: Ms;
  code: string;
  message: string;
  field?: string | null;
  event: unknown;
  key?: string | null;
  origin?: string | null;
  replayed: boolean;
  /** Its place in the quarantine: tells two events of one id apart. */
  position: number;
  verdict?: "stored" | "duplicate" | null;
  waiting?: boolean;
  sampled?: boolean;
}

export interface QuarantinePage extends List<Quarantined> {
  bytes: number;
  limit_bytes: number;
  full: boolean;
}

export interface Replay {
  id: number;
  asked: Ms;
  matched: number;
  stored: number;
  duplicates: number;
  rejected: number;
  waiting: number;
  done: boolean;
}

export interface Erasure {
  id: number;
  asked: Ms;
  done: boolean;
  receipt: { erased: Record<string, number>; finished: Ms; signature: string } | null;
}
