/**
 * Events → request bodies: the envelope, and how many events go into one.
 * Never builds a body above the limit it is given, unless one event alone is larger.
 */

/** An event as text, with its size in UTF-8 bytes. */
export interface Sealed {
  json: string;
  bytes: number;
}

/** The size of a text in UTF-8 bytes, which is what browsers and servers count. */
export const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** Room for the envelope around the events, and the commas between them. */
const ENVELOPE_BYTES = 256;

/**
 * The body of one request. Built by hand around texts made earlier, so that a page that overrides Array's toJSON
 * cannot break it. `sent` is the clock at transmission, `dropped` how many events were given up since the last report,
 * `more` what else it says, as JSON members, each behind a comma.
 */
export function envelope(key: string, events: Sealed[], sent: number, dropped: number, more = ""): string {
  const lost = dropped ? `,"dropped":${dropped}` : "";
  return `{"key":${JSON.stringify(key)},"sent":${sent}${lost}${more},"events":[${events.map((event) => event.json).join()}]}`;
}

/** The longest run from the front that fits `maxBytes` and `maxEvents`; at least one event when there is any. */
export function fitting<T extends Sealed>(events: T[], maxBytes: number, maxEvents: number): T[] {
  let size = ENVELOPE_BYTES;
  let count = 0;
  for (const event of events) {
    size += event.bytes + 1;
    if (count && (size > maxBytes || count >= maxEvents)) break;
    count++;
  }
  return events.slice(0, count);
}
