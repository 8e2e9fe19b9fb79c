/**
 * A small web site that carries the built snippet and serves the built SDK the way the Trackway server does.
 * Never changes the built files: what is tested is what ships.
 */

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Config } from "../src/config.js";
import { whole } from "../src/defaults.js";

const asset = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../src/trackway/assets/sdk/${name}`, import.meta.url)), "utf8");
const SDK = asset("trackway.js");
const SNIPPET = asset("snippet.js");

/** The tracker key of the test site. */
export const KEY = "tk_test";

/** The snippet as the server fills it in. */
export const snippet = (url: string, name = "SR"): string =>
  `<script>${SNIPPET.replaceAll("__NAME__", name).replaceAll("__URL__", url)}</script>`;

export class Site {
  /** Pages by path: their HTML after the head, in which the snippet stands. */
  pages: Record<string, string> = {};
  config: Partial<Config> = {};
  /** What stands in each page's head: by default the snippet that loads the SDK from this site itself. */
  head = snippet(`/s/${KEY}.js`);
  /** Bare answers by path. */
  texts: Record<string, string> = {};
  /** Every address that was asked for. */
  asked: string[] = [];
  /** Ms before the SDK file is answered. */
  delayMs = 0;
  private server: Server | undefined;
  port = 0;

  async open(): Promise<void> {
    this.server = createServer((request, response) => {
      const path = (request.url ?? "").replace(/\?.*/, "");
      this.asked.push(request.url ?? "");
      if (path.startsWith("/s/")) setTimeout(() => response.writeHead(200, JS).end(this.sdk()), this.delayMs);
      else response.writeHead(200, path.endsWith(".xhtml") ? XHTML : HTML).end(this.html(path));
    });
    await new Promise<void>((done) => this.server?.listen(0, "127.0.0.1", done));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.server?.close(done));
    this.server?.closeAllConnections();
    await closed;
  }

  /** The served SDK: the file, the configuration, and the wrapping function. */
  sdk(): string {
    const config = whole({ key: KEY, name: "SR", ...this.config });
    return `!function(){${SDK};TrackwaySDK.start(${JSON.stringify(config)});}();`;
  }

  private html(path: string): string {
    if (path.startsWith("/plain") || this.texts[path])
      return this.texts[path] ?? `<!doctype html><title>${path}</title>`;
    const body = this.pages[path] ?? "";
    const title = body.includes("<title>") ? "" : `<title>Title of ${path}</title>`;
    return `<!doctype html><html><head>${title}${this.head}</head><body>${body}</body></html>`;
  }

  /** The address of a path; `host` is any name that the browser maps to this machine. */
  url(path: string, host = "localhost"): string {
    return `http://${host}:${this.port}${path}`;
  }
}

const HTML = { "content-type": "text/html; charset=utf-8" };
const XHTML = { "content-type": "application/xhtml+xml; charset=utf-8" };
const JS = { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-store" };
