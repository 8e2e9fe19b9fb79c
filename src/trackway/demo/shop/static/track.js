// The shop's one door to the tracker. The shop must work the same when the tracker was blocked or has not arrived:
// nothing here throws, and nothing here waits.

/** Sends one of the shop's own events: an action such as "product.view", its params, and what people read in the feed. */
export function track(action, params, label) {
  call("event", "trackCustomEvent", action, params, label);
}

/** Says who is using this device; `who` is {email, firstName}. */
export function identify(who) {
  call("client", "identify", who);
}

/** Forgets who is using this device. */
export function forget() {
  call("client", "reset");
}

function call(part, method, ...values) {
  const tracker = typeof SR === "undefined" ? undefined : SR;
  if (typeof tracker?.[part]?.[method] !== "function") return;
  try {
    // A promise may come back; a refused event is the tracker's business, not the shopper's.
    Promise.resolve(tracker[part][method](...values)).catch((reason) => console.warn("not tracked:", reason));
  } catch (reason) {
    console.warn("not tracked:", reason);
  }
}
