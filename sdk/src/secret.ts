/**
 * What is never taken from a form, whatever the tagging says: by what a field is called or is for, and by its value.
 * Errs towards leaving out: a value left out is a gap in a report, a card number sent is a leak.
 */

const NAMES =
  /pass|pwd|secret|token|[cx]srf|otp|one.?time|\bpin|pin\b|card.?n|\bcc-|cv[cv]|security.?code|iban|ssn|pesel|webauthn|\bfile\b/i;
/** The beginning of a signed token (RFC 7519), and a social security number. */
const VALUES = /\beyJ[\w-]+\.|\b\d{3}-\d\d-\d{4}\b/;
const DIGITS = /\d([ .-]?\d){12,}/g;
const ACCOUNT = /\b[a-z]{2}\d\d( ?[a-z\d]){11,30}/gi;

/** Whether a field is one that is never read; `names` is all that names it: name, id, autocomplete, type. */
export const secretName = (names: string): boolean => NAMES.test(names);

/** The checksum of payment cards (ISO/IEC 7812-1, annex B): every second digit from the right is doubled. */
const card = (digits: string): boolean =>
  [...digits].reduce((sum, each, at) => sum + ((digits.length - at) % 2 ? +each : +each * 2 - (+each > 4 ? 9 : 0)), 0) %
    10 ===
  0;

/** The checksum of account numbers (ISO 13616): letters become numbers, the first four go last, the rest of 97 is 1. */
const account = (text: string): boolean =>
  [...(text.slice(4) + text.slice(0, 4))].reduce((rest, each) => +(`${rest}` + Number.parseInt(each, 36)) % 97, 0) ===
  1;

/** Whether one of the runs, without what separates its characters, passes with as many from its beginning as a number has at least. */
const found = (text: string, runs: RegExp, least: number, passes: (text: string) => boolean): boolean =>
  (text.match(runs) ?? []).some((run) => {
    const packed = run.replace(/[ .-]/g, "");
    return [...packed].some((_, at) => at + 1 >= least && passes(packed.slice(0, at + 1)));
  });

/** Whether a text holds a card number, an account number, a social security number, or a signed token. */
export const secretValue = (text: string): boolean =>
  VALUES.test(text) || found(text, DIGITS, 13, card) || found(text, ACCOUNT, 15, account);
