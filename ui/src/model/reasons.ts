/**
 * Why an event was rejected, in plain words, and what mends it: one row for each code of the contract.
 * Never: invents a code; an unknown one is shown as it came.
 */

export interface Reason {
  meaning: string;
  mend: string;
}

const reasons: Record<string, Reason> = {
  action_missing: {
    meaning: "The event has no action.",
    mend: "Send action in the form context.activity, such as page.visit.",
  },
  action_invalid: {
    meaning:
      "The action's name is not of the form context.activity, or has other characters than letters, digits, dot, hyphen and underscore.",
    mend: "Rename it at the place that sends it: cart.open, not “open cart”.",
  },
  action_too_long: {
    meaning: "The action's name is longer than 32 characters.",
    mend: "Shorten it; put the detail into params.",
  },
  label_invalid: {
    meaning: "The label is not a text of at most 256 characters.",
    mend: "Send a short text, or leave it out: the server makes one.",
  },
  time_invalid: {
    meaning: "The time is neither epoch milliseconds nor ISO 8601 with a zone.",
    mend: "Send Date.now(), or leave it out.",
  },
  time_too_old: {
    meaning: "The event is older than this site accepts.",
    mend: "Raise the site's limit, or import the history with trackway import.",
  },
  uuid_missing: {
    meaning: "The event does not say which customer it belongs to.",
    mend: "Send uuid in the event or once in the envelope.",
  },
  uuid_invalid: {
    meaning: "The customer's uuid is not a UUID.",
    mend: "Use the SDK's own uuid, or make one with crypto.randomUUID().",
  },
  id_invalid: { meaning: "The event's id is not a UUID.", mend: "Make it with a UUIDv7 generator, or leave it out." },
  params_invalid: {
    meaning: "params is not an object, is nested too deep, or has characters that cannot be stored.",
    mend: "Keep to 256 keys and 5 levels.",
  },
  params_too_large: {
    meaning: "The event is larger than 32 KiB.",
    mend: "Send a reference (an id, an address) in place of the content.",
  },
  param_missing: {
    meaning: "A param that this action requires is not there.",
    mend: "Send the one named under field, or change the action's definition.",
  },
  param_type: {
    meaning: "A param has another type than its definition says.",
    mend: "Send the declared type, or change the definition.",
  },
  denied: {
    meaning: "This site's denylist, or the key's, has a rule for this action.",
    mend: "Change the rule if the event is wanted; then it can be replayed.",
  },
  not_allowed: {
    meaning: "The allowlist is in use and has no rule for this action.",
    mend: "Add a rule for it, or leave the allowlist empty to allow all.",
  },
  token_required: {
    meaning: "This action is accepted only from a logged-in customer, and came without a valid token.",
    mend: "Call SR.client.setAccessToken(jwt) before it is sent.",
  },
  server_only: {
    meaning: "Only a server with an API key may send this action.",
    mend: "Send it from your back end to /api/v1/events.",
  },
  undeclared: {
    meaning: "This site accepts declared actions only, and this one is not.",
    mend: "Declare it in the catalogue, or allow undeclared actions.",
  },
  event_invalid: {
    meaning: "The event is not a JSON object that can be read.",
    mend: "Send one object for each event.",
  },
};

/** Meaning and remedy of a code; a code this page does not know says so. */
export function reasonOf(code: string): Reason {
  return reasons[code] ?? { meaning: "A reason this page does not know yet.", mend: "See the message of each event." };
}

export const reasonCodes = Object.keys(reasons);
