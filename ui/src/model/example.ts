/**
 * The commands the page offers to copy.
 * Never: contains a secret; the tracker key is public by design.
 */

/**
 * A curl command that sends one event to this server, as a browser would.
 * @param uuid the customer it is from: a fresh one, so that everyone who tries it is someone else.
 */
export function curlExample(origin: string, key: string, uuid: string): string {
  return [
    `curl ${origin}/e -H 'Content-Type: application/json' -d '{`,
    `  "key": "${key}",`,
    `  "uuid": "${uuid}",`,
    `  "events": [{`,
    `    "action": "entries.count",`,
    `    "label": "Entries count",`,
    `    "params": {"shopName": "Chicago", "entries": 27}`,
    "  }]",
    "}'",
  ].join("\n");
}

/** The same event from a page that has the snippet. */
export const scriptExample = `SR.event.trackCustomEvent(
  "entries.count",
  { shopName: "Chicago", entries: 27 },
  "Entries count"
)`;

/** A random UUID (version 4); also on plain http, where crypto.randomUUID is missing. */
export function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
