/**
 * The loader that a page carries inline: fetches the SDK without blocking, and keeps the calls made meanwhile
 * together with the page they were made on. Never throws, also where Trusted Types refuse it, and keeps at most 200 calls.
 * The server replaces __NAME__ and __URL__. Every byte of this file is in every page: filled in, it has 600.
 */

declare const self: { __NAME__?: { [name: string]: unknown } };

self.__NAME__ ||
  ((d: Document) => {
    const q: unknown[] = [];
    // biome-ignore lint/suspicious/noExplicitAny: a stand-in whose shape is the string below
    const o: any = { q };
    const s = d.createElement("script");
    const f =
      (p: string) =>
      (...x: unknown[]) =>
        new Promise((r) => (q[199] ? r(0) : q.push([p, x, Date.now(), location.href, d.title, d.referrer, r])));
    self.__NAME__ = o;
    for (const g of "init debug event.trackCustomEvent.pageVisit.sendFormData.flush client.identify.reset.getUuid.setUuid.setAccessToken.clearAccessToken.onTokenExpired consent.grant.deny.status forms.scan".split(
      " ",
    )) {
      const [a, ...b] = g.split(".") as [string, ...string[]];
      o[a] = b[0] ? {} : f(a);
      // biome-ignore lint/style/useTemplate: two bytes shorter, in every page
      for (const m of b) o[a][m] = f(a + "." + m);
    }
    try {
      s.src = "__URL__";
      d.head.append(s);
    } catch {}
  })(document);
