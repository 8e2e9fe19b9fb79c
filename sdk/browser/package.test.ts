/** The npm package in the applications of others: each recipe of the docs, built by a bundler and run in the browser. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { compile } from "svelte/compiler";
import { afterAll, beforeAll, expect, test } from "vitest";
import { served } from "./served.js";

const on = served();
const SDK = fileURLToPath(new URL("..", import.meta.url));
const NODE_MODULES = join(SDK, "node_modules");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "trackway-apps-"));
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["react", "react-dom", "scheduler", "vue", "@vue", "svelte", "esm-env", "clsx"])
    symlinkSync(join(NODE_MODULES, name), join(folder, "node_modules", name));
  symlinkSync(SDK, join(folder, "node_modules/trackway"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const svelte: Plugin = {
  name: "svelte",
  setup: (setup) =>
    setup.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { readFileSync } = await import("node:fs");
      const { js } = compile(readFileSync(path, "utf8"), { filename: path, generate: "client" });
      return { contents: js.code, loader: "js" };
    }),
};

/** The application as one script; `files` by name, the first is where it begins. */
async function bundled(files: Record<string, string>): Promise<string> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const made = await build({
    entryPoints: [join(folder, Object.keys(files)[0] as string)],
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    conditions: ["browser"],
    define: { "process.env.NODE_ENV": '"development"', __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false" },
    nodePaths: [NODE_MODULES],
    plugins: [svelte],
    logLevel: "error",
  });
  return made.outputFiles[0]?.text ?? "";
}

/** What each recipe begins with. */
const tracking = () => `import { start } from "trackway";
export const SR = start({ key: "${on.site.key}", endpoint: "${on.door.origin}" });`;

const APPS: Record<string, () => Record<string, string>> = {
  react: () => ({
    "main.jsx": `import { StrictMode, useEffect } from "react"; import { createRoot } from "react-dom/client"; import { SR } from "./tracking.js";
      function Buy() { useEffect(() => { document.title = "Shop" }, []);
        return <button id="buy" onClick={() => SR.event.trackCustomEvent("product.buy", { by: "react" })}>Buy</button> }
      createRoot(document.getElementById("app")).render(<StrictMode><Buy /></StrictMode>);`,
    "tracking.js": tracking(),
  }),
  vue: () => ({
    "main.js": `import { createApp, h } from "vue"; import { SR } from "./tracking.js";
      const Buy = { inject: ["SR"], render() { return h("button", { id: "buy", onClick: () => this.SR.event.trackCustomEvent("product.buy", { by: "vue" }) }, "Buy") } };
      createApp(Buy).provide("SR", SR).mount("#app");`,
    "tracking.js": tracking(),
  }),
  svelte: () => ({
    "main.js": `import { mount } from "svelte"; import Buy from "./Buy.svelte"; mount(Buy, { target: document.getElementById("app") });`,
    "Buy.svelte": `<script>import { SR } from "./tracking.js"; const buy = () => SR.event.trackCustomEvent("product.buy", { by: "svelte" });</script>
      <button id="buy" onclick={buy}>Buy</button>`,
    "tracking.js": tracking(),
  }),
};

test.each(Object.keys(APPS))("an application in %s records its visit once, and its events", async (name) => {
  const script = await bundled(APPS[name]?.() ?? {});
  on.shop.head = "";
  on.shop.pages["/app"] = `<div id="app"></div><script>${script.replaceAll("</script", "<\\/script")}</script>`;
  const page = await on.visit("/app");
  const faults: string[] = [];
  page.on("pageerror", (error) => void faults.push(error.message));
  await page.click("#buy");
  const [bought] = await on.stored("product.buy", 1);
  expect(bought?.params.by).toBe(name);
  expect(await on.stored("page.visit", 1)).toHaveLength(1);
  expect(faults).toEqual([]);
});

const SERVER = `const SR = start({ key: "k" });
  SR.event.trackCustomEvent("a.b").then((verdict) => console.log(verdict.code, SR.consent.status(), SR.client.getUuid()));
  SR.client.setAccessToken("x"); SR.consent.grant();`;

test.each([
  ["imported", "server.mjs", `import { start } from "trackway";`],
  ["required", "server.cjs", `const { start } = require("trackway");`],
])("%s on a server it does nothing, and says so", (_, name, line) => {
  writeFileSync(join(folder, name), `${line}\n${SERVER}`);
  const said = execFileSync(process.execPath, [join(folder, name)], { encoding: "utf8" });
  expect(said.trim()).toBe("no_browser pending");
});

test("rendered on a server with React, the markup is the same and nothing is sent", () => {
  const render = `import { createElement } from "react"; import { renderToString } from "react-dom/server"; import { start } from "trackway";
    const SR = start({ key: "k" });
    console.log(renderToString(createElement("button", { onClick: () => SR.event.trackCustomEvent("a.b") }, "Buy")));`;
  writeFileSync(join(folder, "render.mjs"), render);
  const said = execFileSync(process.execPath, ["--preserve-symlinks", join(folder, "render.mjs")], {
    encoding: "utf8",
  });
  expect(said.trim()).toBe("<button>Buy</button>");
});

test("a site's own events are typed, in modules and in CommonJS", () => {
  const typed = `import { start } from "trackway";
    declare module "trackway" { interface EventMap { "product.buy": { sku: string } } }
    const SR = start({ key: "k", beforeSend: (event) => event.action !== "a.b" });
    SR.event.trackCustomEvent("product.buy", { sku: "A-17" }, "Bought");
    SR.event.trackCustomEvent("other.one"); SR.event.trackCustomEvent("other.one", { n: 1 });
    // @ts-expect-error sku is a text
    SR.event.trackCustomEvent("product.buy", { sku: 17 });
    // @ts-expect-error params are missing
    SR.event.trackCustomEvent("product.buy");`;
  for (const name of ["typed.mts", "typed.cts"]) writeFileSync(join(folder, name), typed);
  const tsc = join(NODE_MODULES, ".bin/tsc");
  const flags = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--lib",
    "es2022,dom",
    "--types",
    "",
  ];
  execFileSync(tsc, [...flags, "typed.mts", "typed.cts"], { cwd: folder, stdio: "pipe" });
});

/** A page under this policy, which reports what it violates. */
async function under(policy: string, head: string): Promise<string[]> {
  on.shop.head = `<meta http-equiv="Content-Security-Policy" content="${policy}"><script nonce="n1">window.broken=[];
    addEventListener("securitypolicyviolation",e=>broken.push(e.violatedDirective+" "+e.blockedURI))</script>${head}`;
  const page = await on.visit("/strict?tw_link=x");
  await on.stored("page.visit", 1);
  await page.evaluate(() => {
    SR.debug(true);
    return SR.event.trackCustomEvent("under.policy");
  });
  return page.evaluate(() => (window as unknown as { broken: string[] }).broken);
}

test("a strict Content-Security-Policy: the snippet by nonce, the rest trusted through it", async () => {
  const policy = `default-src 'none'; script-src 'nonce-n1' 'strict-dynamic'; connect-src ${on.door.origin}`;
  expect(await under(policy, on.shop.head.replace("<script>", '<script nonce="n1">'))).toEqual([]);
});

test("Trusted Types required: the file by its own script tag", async () => {
  const policy = `default-src 'none'; script-src 'nonce-n1'; connect-src ${on.door.origin}; require-trusted-types-for 'script'; trusted-types 'none'`;
  const head = `<script nonce="n1" src="${on.door.origin}/s/${on.site.key}.js"></script>`;
  expect(await under(policy, head)).toEqual([]);
});
