/**
 * First-party cookies on the registrable domain, which is found by trying: no list of public suffixes is shipped.
 * Never writes a cookie that another site could read, and on https never one that plain http could.
 */

import { permitted, read, write } from "./store.js";

const DOMAIN = "tw:domain";
const PROBE = "tw_probe";

/** The value of a cookie, undefined when absent or blocked. */
export function readCookie(name: string): string | undefined {
  const text = `; ${permitted(() => document.cookie) ?? ""}`;
  return text.split(`; ${name}=`)[1]?.split(";")[0];
}

/** The domains to try for a host, widest first. None for an address or a single-label host: their cookies are host-only. */
export function candidates(host: string): string[] {
  const labels = host.split(".");
  if (/^[\d.]+$|:/.test(host) || labels.length < 2) return [];
  return labels.slice(1).map((_, index) => labels.slice(-2 - index).join("."));
}

function put(name: string, value: string, seconds: number, domain: string): void {
  const where = domain && `;domain=${domain}`;
  const secure = location.protocol === "https:" ? ";secure" : "";
  permitted(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: cookieStore is asynchronous, and the page may be gone by then
    document.cookie = `${name}=${value};path=/;max-age=${seconds};samesite=lax${where}${secure}`;
  });
}

function probe(): string {
  for (const domain of candidates(location.hostname)) {
    put(PROBE, "1", 9, domain);
    const sticks = readCookie(PROBE);
    put(PROBE, "", 0, domain);
    if (sticks) return domain;
  }
  return "";
}

/** The widest domain that takes our cookies; "" where only the host itself does. */
export function siteDomain(): string {
  let domain = read(DOMAIN);
  if (domain === null) {
    domain = probe();
    write(DOMAIN, domain);
  }
  return domain;
}

/**
 * Writes a cookie for the whole site; it lives `seconds`. A browser may refuse: read it back to know. An empty one deletes also
 * what goes by that name for this host alone (a backend may have set it), which would be read in its place.
 */
export const writeCookie = (name: string, value: string, seconds: number): void => {
  put(name, value, seconds, siteDomain());
  if (!value) put(name, value, 0, "");
};
