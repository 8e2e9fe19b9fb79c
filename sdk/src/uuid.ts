/**
 * Identifiers: time-ordered UUIDs (version 7), and the one derived from a session.
 * Never calls crypto.randomUUID, which is missing on pages served over plain http.
 */

/** Four random bits where the digit is 0, two under the variant where it is 8. */
function randomDigit(digit: string): string {
  const random = crypto.getRandomValues(new Uint8Array(1))[0] as number;
  return (+digit | (random & (15 >> (+digit / 4)))).toString(16);
}

/** A UUID version 7 for the given moment (epoch ms). */
export function uuid7(timeMs: number): string {
  const stamp = timeMs.toString(16).padStart(12, "0");
  return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${"000-8000-000000000000".replace(/[08]/g, randomDigit)}`;
}

/** The id of a session's session.start: the session's own id as version 8, so that every tab derives the same one. */
export const startId = (session: string): string => `${session.slice(0, 14)}8${session.slice(15)}`;

/** Whether the value is a UUID in text form, in any case. */
export const isUuid = (value: unknown): value is string =>
  /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value as string);
