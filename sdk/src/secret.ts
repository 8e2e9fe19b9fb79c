/**
 * What is never taken from a form, whatever the tagging says: by what a field is called or is for, and by its value.
 * Errs towards leaving out: a value left out is a gap in a report, a card number sent is a leak.
 */

const NAMES =
  /pass|pwd|secret|token|[cx]srf|otp|one.?time|\bpin|pin\b|card.?n|\bcc-|cv[cv]|security.?code|iban|ssn|pesel|webauthn|\bfile\b/i;
/** What has the form of an account number (ISO 13616, written together or in fours), the beginning of a signed token (RFC 7519), a social security number. */
const VALUES = /\b[a-z]{2}\d\d( ?[a-z\d]{4}){2,7}|\beyJ[\w-]+\.|\b\d{3}-\d\d-\d{4}\b/i;
/** As many digits as a payment card has at least. */
const DIGITS = /\d([ .-]?\d){12,}/g;
const CARD_DIGITS = 13;

/** Whether a field is one that is never read; `names` is all that names it: name, id, autocomplete, type. */
export const secretName = (names: string): boolean => NAMES.test(names);

/** The checksum of payment cards (ISO/IEC 7812-1, annex B): every second digit from the right is doubled. */
const card = (digits: string): boolean =>
  [...digits].reduce((sum, each, at) => sum + ((digits.length - at) % 2 ? +each : +each * 2 - (+each > 4 ? 9 : 0)), 0) %
    10 ===
  0;

/** Whether a text holds a card number, also with other digits behind it, or something else that is nobody's business. */
export const secretValue = (text: string): boolean =>
  VALUES.test(text) ||
  (text.match(DIGITS) ?? []).some((run) => {
    const digits = run.replace(/\D/g, "");
    return [...digits].some((_, at) => at > CARD_DIGITS - 2 && card(digits.slice(0, at + 1)));
  });
