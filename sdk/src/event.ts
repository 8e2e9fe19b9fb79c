/**
 * The nouns: an event as it goes over the wire, and what may become of it.
 * Never holds anything that the contract does not name.
 */

/** The additional parameters of an event: whatever JSON can hold. */
export type Params = Record<string, unknown>;

/** One event on the wire. `time` in epoch ms; `seq` counts per uuid. */
export interface WireEvent {
  id: string;
  action: string;
  label?: string;
  time: number;
  uuid: string;
  /** Absent for what happened by itself when no session was on. */
  session?: string;
  seq?: number;
  params: Params;
}

/**
 * What became of an event. "stored": it is on the server's disk. "queued": the server could not be asked yet, or did not
 * answer; the event is kept and sent again. "rejected": refused, by the server or before sending, for the reason in `code`.
 * "dropped": given up for the reason in `code`, and counted.
 */
export interface Verdict {
  id: string;
  status: "stored" | "rejected" | "queued" | "dropped";
  code?: string | undefined;
  message?: string | undefined;
}

/** Takes the verdict when it is known. */
export type Settle = (verdict: Verdict) => void;
