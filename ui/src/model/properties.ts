/**
 * What funnels and sessions can be told apart by: properties of an event, as the server names them.
 * Never: decides what is a property; the server refuses what is none.
 */
export const properties = [
  "source",
  "browser",
  "os",
  "device",
  "country",
  "region",
  "city",
  "channel",
  "referrer_host",
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "page",
  "action",
  "authenticated",
] as const;

/** What a value of a property is called; null stands for all that are not listed. */
export const propertyWords = (value: string | null): string => (value === null ? "all others" : value || "none");
