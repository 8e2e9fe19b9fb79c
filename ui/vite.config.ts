/**
 * How the page is built and served while developing.
 * Never: emits inline scripts or addresses outside this origin (the server's CSP forbids both).
 */

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const built = "../src/trackway/assets/ui";
const server = process.env.TRACKWAY_URL ?? "http://127.0.0.1:8000";

/** The first paint waits for the script, so that a chosen theme never flashes in the other one. */
const waitForTheme: Plugin = {
  name: "wait-for-theme",
  enforce: "post",
  transformIndexHtml: (html) => html.replace('<script type="module"', '<script blocking="render" type="module"'),
};

/** The one style that bits-ui writes as an attribute in its markup, which the CSP forbids, is a class of ours. */
const noStyleAttributes: Plugin = {
  name: "no-style-attributes",
  enforce: "pre",
  transform: (code, id) =>
    /bits-ui.*\.svelte$/.test(id) ? code.replaceAll('style="display: contents;"', 'class="boxless"') : null,
};

export default defineConfig({
  plugins: [noStyleAttributes, svelte(), waitForTheme],
  build: {
    outDir: built,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    proxy: {
      "/api/v1": server,
      "/health/": server,
      "/metrics": server,
      "/s/": server,
      "/e": { target: server, bypass: onlyCollect },
    },
  },
});

/** `/e` is also the beginning of `/events`, which is a screen. */
function onlyCollect(request: { url?: string }): string | undefined {
  return /^\/e(\?|$)/.test(request.url ?? "") ? undefined : request.url;
}
