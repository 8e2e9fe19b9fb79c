/**
 * What went wrong with a request, in words that say what to do.
 * Never: shows a status number alone, or blames the reader.
 */

/** A request that did not give what was asked for. `status` 0: no answer came at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds after which trying again makes sense, where the server said so. */
    readonly retryAfter: number | null = null,
    /** The part at fault, where the server named one. */
    readonly field: string | null = null,
  ) {
    super(message);
    this.name = "Problem";
  }
}

/** Whether a change was refused since somebody else has saved another meanwhile. */
export const isOvertaken = (cause: unknown): boolean =>
  cause instanceof Problem && cause.code === "conflict" && cause.field === "changed";

/** What was typed cannot be sent: said before the server is asked. */
export const formProblem = (message: string): Problem => new Problem(0, "form", message);

export interface Words {
  title: string;
  advice: string;
}

const advice: Record<string, Words> = {
  no_answer: {
    title: "The server did not answer",
    advice: "Check that Trackway is running (trackway serve) and that this device is online, then try again.",
  },
  too_slow: {
    title: "The answer took too long",
    advice: "The server may be busy. Try again, or ask for a shorter time range.",
  },
  unreadable: {
    title: "The answer could not be read",
    advice: "Something between this page and Trackway changed it: a proxy, or an older server. Reload the page.",
  },
  not_logged_in: { title: "You are no longer logged in", advice: "Log in again; you come back to this view." },
  login_failed: {
    title: "That name and password do not belong together",
    advice: "The first admin is called “admin”; its password was printed when the server first started.",
  },
  code_required: { title: "A code is needed", advice: "Open your authenticator app and type its code." },
  scope_missing: { title: "Your role may not see this", advice: "Ask an administrator of this Trackway." },
  address_not_allowed: {
    title: "Not from this address",
    advice: "This API key may be used from other addresses only. An administrator can see them in Settings.",
  },
  cancelled: { title: "You gave this question up", advice: "Ask again, or for a shorter time range." },
  query_stopped: {
    title: "The question was stopped",
    advice: "It took too long or too much memory. Ask for a shorter time range, or for less.",
  },
  storage_unavailable: {
    title: "The store is not available",
    advice: "Nothing accepted is lost. Free disk space or look at “trackway doctor”, then try again.",
  },
};

/**
 * Words for any failure.
 * @param cause what was thrown: a Problem, or something unforeseen (shown with its own message).
 */
export function explain(cause: unknown): Words {
  if (!(cause instanceof Problem)) {
    return { title: "This page made a mistake", advice: `Reload it. What happened: ${messageOf(cause)}` };
  }
  const known = advice[cause.code];
  if (known) return known;
  if (cause.code === "form") return { title: "This cannot be sent yet", advice: cause.message };
  if (cause.status === 429) return { title: "Too many requests", advice: waitWords(cause.retryAfter) };
  if (cause.status === 404) return { title: "Not found", advice: cause.message };
  if (cause.status >= 500) {
    return { title: "The server failed to answer", advice: `${cause.message} Try again; its log says more.` };
  }
  return { title: "The server refused this", advice: cause.message };
}

/** “Wait 12 seconds, then try again.” */
export function waitWords(seconds: number | null): string {
  if (seconds === null || seconds <= 0) return "Wait a little, then try again.";
  return `Wait ${seconds} second${seconds === 1 ? "" : "s"}, then try again.`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
