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

export type FeedKind = "visits" | "clicks" | "hovers" | "forms" | "logins" | "other";

/** Where visits of a customer came from. */
export interface CameBy {
  channel: string;
  referrer_host: string;
  visits: number;
  first_seen: Ms;
  last_seen: Ms;
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
  /** Of a hover longer than usual: the threshold in ms it was judged by. */
  unusual?: { threshold: Ms; p: number };
  ip?: string;
  /** Why rules in report mode would have refused it. */
  would_reject?: string;
  /** Of `form.submit`, for those who may not see what was put in: the fields that have a value. */
  withheld?: string[];
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
  /** Since when it takes no events. */
  archived?: Ms;
  /** Tracker keys rotated away that still work. */
  old_keys?: { tracker_key: string; until: Ms }[];
}

/** What can be set of a site, as the server tells it. */
export interface SettingRow {
  name: string;
  group: "collecting" | "sessions" | "privacy" | "sdk" | "limits";
  kind: "integer" | "number" | "boolean" | "text" | "choice" | "list";
  default: unknown;
  help: string;
  choices: string[];
  minimum: number | null;
  maximum: number | null;
}

export interface Rules {
  mode: "enforce" | "report";
  allow: string[];
  deny: string[];
}

export interface PreviewAction {
  action: string;
  /** null: the rules would let it pass, though it was refused. */
  code: "denied" | "not_allowed" | null;
  rule: string;
  message: string;
  count: number;
  was: Record<string, number>;
  examples: { id: string | null; received: Ms; was: string }[];
}

export interface Preview {
  received: number;
  since: Ms | null;
  accepted: number;
  rejected: Record<string, number>;
  actions: PreviewAction[];
}

export interface MarkedAction {
  action: string;
  code: string;
  count: number;
  first: Ms;
  last: Ms;
}

export interface ApiKey {
  id: string;
  site: string | null;
  scope: string;
  name: string;
  created: Ms;
  expires: Ms | null;
  allow: string[];
  deny: string[];
  ip_ranges: string[];
  last_used: Ms | null;
}

export interface NewApiKey {
  id: string;
  secret: string;
}

export interface AuditLine {
  number: number;
  time: Ms;
  who: { kind: string; name: string };
  site: string | null;
  what: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
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

/** An identifier, and the event that said so. `customer`: the part it was learned of. */
export interface Identity {
  kind: string;
  value: string;
  customer: string;
  since: Ms;
  event: string;
}

export interface AttributeValue {
  value: unknown;
  since: Ms;
  event: string;
}

/** What is told of a customer now, and the values before, the newest first. */
export interface Attribute extends AttributeValue {
  name: string;
  history: AttributeValue[];
}

/** That `customer` became part of `into`. */
export interface Merge {
  id: number;
  customer: string;
  into: string;
  time: Ms;
  why: string;
  event: string;
  who: string;
  undone: Ms | null;
  undone_by: string | null;
}

export interface Customer extends CustomerSummary {
  identities: Identity[];
  attributes: Attribute[];
  sessions: number;
  devices: { device?: string; browser?: string; os?: string }[];
  first_source?: { channel?: string; referrer_host?: string } | null;
  country?: string | null;
  sources: CameBy[];
  kinds: Record<FeedKind, number>;
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

/** What became of one event. */
export interface Verdict {
  id: string;
  verdict: "stored" | "rejected" | "in_flight" | "unknown";
  message: string;
  event: TrackedEvent | null;
  quarantined: Quarantined[];
}

/** What would become of events, judged without being stored. */
export interface Trial {
  items: {
    index: number;
    id: string | null;
    verdict: "stored" | "duplicate" | "rejected";
    action: string | null;
    label: string | null;
    time: Ms | null;
    code: string | null;
    message: string | null;
    field: string | null;
    would_reject: string | null;
  }[];
  message: string;
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
  receipt: {
    erased: Record<string, number>;
    customers: string[];
    /** Which events, where no customer was erased; values of params as digests. */
    selection?: { action?: string; from?: Ms; to?: Ms; params?: Record<string, string> };
    /** Events of others that name an identifier of the erased, and stay. */
    mentions?: number;
    finished: Ms;
    signature: string;
  } | null;
}

/** What a deletion of events would take now. */
export interface SelectionCount {
  events: number;
  quarantine: number;
  received_until: Ms;
}

/** A param as the newest events of its action show it; `share`: of those events. */
export interface ParamSeen {
  name: string;
  types: string[];
  share: number;
  example: unknown;
}

/** An action: what is declared of it, and what its traffic shows. */
export interface Definition {
  action: string;
  name: string;
  description: string;
  icon: string;
  label: string;
  needs: "anonymous" | "token" | "server";
  schema: Record<string, unknown>;
  retention_days: number | null;
  deprecated: boolean;
  declared: boolean;
  built_in: boolean;
  volume: number;
  first_seen: Ms | null;
  last_seen: Ms | null;
  /** The action that this one's name may be a slip of. */
  similar: string | null;
  params: ParamSeen[];
}

/** What a tracking plan changes; `rules` and `declared_only` null where they stay. */
export interface PlanChange {
  declared: string[];
  changed: string[];
  undeclared: string[];
  unchanged: number;
  rules: Rules | null;
  declared_only: boolean | null;
}

/** A key that customer tokens are checked with; `jwk` is null for a shared secret. */
export interface SigningKey {
  id: string;
  kid: string | null;
  alg: string;
  created: Ms;
  active: boolean;
  jwk: Record<string, unknown> | null;
}
