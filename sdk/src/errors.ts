/**
 * Script errors of the page, grouped and capped. Loaded only where a site asks for it.
 * Never reports what is not the page's (the SDK's own, a browser extension's), and no query, address or token that
 * happens to stand in a message.
 */

import type { Host } from "./part.js";

/** Most groups of one document; more than this says no more. */
const GROUPS_MAX = 10;
/** Most events of one document, repeats included. */
const EVENTS_MAX = 30;
const MESSAGE_MAX = 300;
const FRAMES_MAX = 10;
const FRAME_MAX = 200;

/** Notices that browsers send as errors and that mean nothing. */
const NOISE = /^ResizeObserver loop/;
const EXTENSION = /\b[a-z-]*extension:\/\/|webkit-masked-url:/;
const FRAME = /:\d+:\d+\)?\s*$/;

/** What is reported of an error. */
export interface Fault {
  type: string;
  message: string;
  /** One frame a line, the innermost first. */
  stack: string;
  /** Where it was thrown: file, line and column. */
  source: string;
}

/** A text without what may be somebody's: queries, e-mail addresses, long numbers, tokens. */
export const scrub = (text: string): string =>
  text
    .replace(/(:\/\/)[^\s/@]+@/g, "$1")
    .replace(/(:\/\/[^\s)'"?#]*)[?#][^\s)'"]*?((?::\d+){0,2})(?=[\s)'"]|$)/g, "$1$2")
    .replace(/[?#&][^\s)'"?#&=]*=[^\s)'"]*/g, "")
    .replace(/[^\s@'"(<:=]+@[^\s@'"):>/]+\.[a-z]{2,}/gi, "[email]")
    .replace(/\beyJ[\w.-]+/g, "[token]")
    .replace(/(:?)\b\d(?:[ .-]?\d){5,}\b/g, (found, colon) => (colon && found.length < 8 ? found : `${colon}[number]`));

/** A message fit to be sent: scrubbed, without anything that looks like a key, and cut to length. */
const plain = (message: string): string =>
  scrub(
    message
      .replace(/\b(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])[\w+/-]{20,}=*/gi, "[token]")
      .replace(/\b[a-z]{2}\d\d(?: ?[a-z\d]){11,30}/gi, "[token]"),
  )
    .replace(/\d{6,}/g, "[number]")
    .slice(0, MESSAGE_MAX);

/** What an error says, whatever was thrown. */
export function faultOf(thrown: unknown, message = "", source = ""): Fault {
  const error = (typeof thrown === "object" && thrown ? thrown : {}) as Partial<Error>;
  const said = error.message ?? (typeof thrown === "object" && thrown ? "" : String(thrown ?? ""));
  const frames = String(error.stack ?? "")
    .split("\n")
    .filter((line) => FRAME.test(line))
    .slice(0, FRAMES_MAX)
    .map((line) => scrub(line.trim()).slice(0, FRAME_MAX));
  return {
    type: String(error.name ?? (thrown == null ? "Error" : typeof thrown)),
    message: plain(said || message || "no message"),
    stack: frames.join("\n"),
    source: scrub(source || (frames[0]?.match(/[^\s(@]+:\d+:\d+/)?.[0] ?? "")),
  };
}

/**
 * The group's key, the same for the same fault on other pages, days and releases: type, message without its particulars,
 * and the file without the hash of its build and without line numbers. FNV-1a, 32 bits.
 */
export function groupOf({ type, message, source }: Fault): string {
  const file = source
    .replace(/(:\d+)+$/, "")
    .replace(/^\w+:\/\/[^/]*/, "")
    .replace(/[.-][\da-zA-Z_-]*\d[\w-]*(?=\.)/g, "");
  const text = `${type}|${message.replace(/(["'`]).*?\1/g, "$1$1").replace(/\d+/g, "0")}|${file}`;
  let hash = 0x811c9dc5;
  for (const each of text) hash = Math.imul(hash ^ (each.codePointAt(0) as number), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Whether an error is the page's own affair: not the SDK's, not an extension's, not mere noise. `where`: file and stack, as thrown. */
export function concerns(message: string, where: string, key: string): boolean {
  const inner = where.split("\n").find((line) => FRAME.test(line)) ?? "";
  const ours = inner.includes(`/${key}.js`) || /\/(errors|vitals|extras|overlay)-[\da-f]{10}\.js/.test(inner);
  return !ours && !EXTENSION.test(where) && !NOISE.test(message);
}

/** What an event of the browser's says, and where it was thrown: file and stack as they are. */
function read(event: Event): [Fault, string] | undefined {
  if (event instanceof PromiseRejectionEvent) return [faultOf(event.reason), String(event.reason?.stack ?? "")];
  if (!(event instanceof ErrorEvent)) return undefined;
  const { error, message, filename, lineno, colno } = event;
  const source = filename && `${filename}:${lineno}:${colno}`;
  return [faultOf(error, message, source), `${source}\n${error?.stack ?? ""}`];
}

/** Reports the errors of the page from now on, those in `early` first. */
export function watch(host: Host, early: Event[]): void {
  const groups = new Map<string, { params: Fault & { kind: string; group: string }; more: number }>();
  let left = EVENTS_MAX;
  const report = (params: object, count: number) => {
    if (left-- > 0) host._note("error.javascript", { ...params, count });
  };
  const judge = (event: Event) => {
    const [fault, where = ""] = read(event) ?? [];
    if (!fault || !concerns(fault.message, where, host._settings.key)) return;
    const group = groupOf(fault);
    const known = groups.get(group);
    if (known) known.more++;
    if (known || groups.size >= GROUPS_MAX) return;
    const params = { ...fault, kind: event instanceof ErrorEvent ? "error" : "rejection", group };
    groups.set(group, { params, more: 0 });
    report(params, 1);
  };
  early.splice(0).forEach(judge);
  early.push = (...events) => {
    events.forEach(judge);
    return 0;
  };
  // How often each came again is said once, when the page is left.
  host._onHide(() => {
    for (const group of groups.values()) {
      if (group.more) report(group.params, group.more);
      group.more = 0;
    }
  });
}
