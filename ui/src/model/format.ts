/**
 * Numbers and durations as people read them.
 * Never: reads the clock, or decides what a number means.
 */

const exactNumber = new Intl.NumberFormat("en-US");
const roundNumber = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** Below this, a count is shown exactly: rounding 8,412 saves no room. */
const ROUND_FROM = 100_000;

/** 1,234 · 123K · 1.2M */
export function count(n: number): string {
  return n < ROUND_FROM ? exactNumber.format(n) : roundNumber.format(n);
}

/** Every digit, grouped. */
export function exactCount(n: number): string {
  return exactNumber.format(n);
}

const regions = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });

/** A country by its code of ISO 3166, in words; anything else stays as it is. */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code;
}

/** “1 event”, “1,204 events”. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A share of a whole: 0 % · < 0.1 % · 4.2 % · 100 %; an empty whole has no share. */
export function share(part: number, whole: number): string {
  if (whole <= 0) return "–";
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  if (percent < 100 && percent > 99.9) return "> 99.9 %";
  return `${Number(percent.toFixed(1))} %`;
}

/** How a number changed: “+12 %”, “−3.4 %”, “new”, “as before”, “–” where one of the two is not known. */
export function changeWords(now: number | null, before: number | null): string {
  if (now === null || before === null) return "–";
  if (now === before) return "as before";
  if (before === 0) return "new";
  const percent = ((now - before) / Math.abs(before)) * 100;
  const digits = Math.abs(percent) >= 10 ? 0 : 1;
  return `${percent > 0 ? "+" : "−"}${Math.abs(Number(percent.toFixed(digits)))} %`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A length of time with the two units that matter: 240 ms · 12 s · 3 min 5 s · 2 h 10 min · 4 days.
 * @param ms milliseconds, not negative.
 */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return twoUnits(ms, MINUTE, "min", SECOND, "s");
  if (ms < DAY) return twoUnits(ms, HOUR, "h", MINUTE, "min");
  const days = Math.floor(ms / DAY);
  return days === 1 ? twoUnits(ms, DAY, "day", HOUR, "h") : `${days} days`;
}

function twoUnits(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const bigs = Math.floor(ms / big);
  const smalls = Math.floor((ms % big) / small);
  return smalls ? `${bigs} ${bigName} ${smalls} ${smallName}` : `${bigs} ${bigName}`;
}
