/**
 * Builds the SDK: the served file and the snippet into the server's assets, the npm package into dist/.
 * Never lets a file grow past its budget unnoticed: too large is a failed build.
 */

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

const HERE = dirname(fileURLToPath(import.meta.url));
const ASSETS = join(HERE, "../src/trackway/assets/sdk");
const DIST = join(HERE, "dist");

/** Largest served files, in bytes of brotli; one comes with each page, so every feature has to earn its place. */
const BROTLI_MAX = { "core.js": 6144, "trackway.js": 10_240 };
/** What a site that uses it has on top of trackway.js, each in bytes of brotli. */
const EXTRA_MAX = { tokens: 640, rare: 640 };
/** The files with extras in them: every choice. */
const EXTRAS = {
  "trackway.tokens.js": ["tokens"],
  "trackway.rare.js": ["rare"],
  "trackway.tokens.rare.js": ["tokens", "rare"],
};
/** Largest snippet once filled in, script tags included. */
const SNIPPET_MAX = 600;
/** What the server may fill in, at a generous guess, to hold the snippet to its budget. */
const FILLED = {
  __NAME__: "SR",
  __URL__: "https://analytics.example-company.com/s/tk_0123456789abcdef0123456789.js",
};
const TARGET = "es2020";
/** Names that never leave the bundle: private members, and the fields of objects that are neither sent nor handed out. */
const INTERNAL =
  /^(_[a-z].*|flight|waiters|settle|extra|seen|low|due|tell|lose|lost|adopt|touch|forget|fresh|plan|release|visits|restore|navigate|retryAfter|sessionTimeoutMs|cookieSeconds|bytes|hide|show|online|become|track|page|json|visit|stop)$/;

async function bundle(entry, extra = {}) {
  const result = await build({
    entryPoints: [join(HERE, "src", entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: TARGET,
    charset: "utf8",
    legalComments: "none",
    ...extra,
  });
  return result.outputFiles[0].text.trim();
}

/** What esbuild leaves to gain: terser folds names, constants and functions that are used once, 4 % of brotli. */
const TERSER = { ecma: 2020, compress: { passes: 3, hoist_funs: true, inline: 1, unsafe: true } };

/** The served file defines one variable and nothing else; esbuild's own way of doing so costs 500 bytes more. */
async function served(entry, define = {}) {
  const text = await bundle(entry, { mangleProps: INTERNAL, define });
  const exported = /export\{([\w$]+) as start\};$/;
  const name = text.match(exported)?.[1];
  if (!name) throw new Error(`the bundle of ${entry} no longer ends with its one export`);
  const whole = `var TrackwaySDK=(()=>{${text.replace(exported, () => `return{start:${name}}`)}})();`;
  return `${(await minify(whole, TERSER)).code}\n`;
}

async function snippet() {
  const text = await bundle("snippet.ts", { tsconfigRaw: {} });
  return text.replace(/;$/, "");
}

const sizes = (text) => ({
  raw: Buffer.byteLength(text),
  gzip: gzipSync(text, { level: 9 }).length,
  brotli: brotliCompressSync(text).length,
});

function filled(text) {
  const script = Object.entries(FILLED).reduce((done, [hole, value]) => done.replaceAll(hole, value), text);
  return `<script>${script}</script>`;
}

const withExtras = (extras) =>
  served("full.ts", {
    WITH_TOKENS: String(extras.includes("tokens")),
    WITH_RARE: String(extras.includes("rare")),
  });

/** ESM in dist/, CommonJS in dist/cjs/, each beside its own types: what is what is said by the nearest package.json. */
async function npmPackage() {
  const cjs = join(DIST, "cjs");
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(cjs, { recursive: true });
  const mangled = { mangleProps: /^_[a-z]/ };
  writeFileSync(join(DIST, "index.js"), `${await bundle("index.ts", mangled)}\n`);
  writeFileSync(join(cjs, "index.js"), `${await bundle("index.ts", { ...mangled, format: "cjs" })}\n`);
  writeFileSync(join(cjs, "package.json"), '{ "type": "commonjs" }\n');
  const tsc = join(HERE, "node_modules/.bin/tsc");
  execFileSync(tsc, ["-p", join(HERE, "tsconfig.dist.json")], { stdio: "inherit" });
  for (const name of readdirSync(DIST)) if (name.endsWith(".d.ts")) cpSync(join(DIST, name), join(cjs, name));
}

function report(table) {
  console.table(table);
  const faults = [];
  for (const [name, most] of Object.entries(BROTLI_MAX))
    if (table[name].brotli > most) faults.push(`${name} is over ${most} bytes of brotli`);
  for (const [name, extras] of Object.entries(EXTRAS)) {
    const most = table["trackway.js"].brotli + extras.reduce((sum, extra) => sum + EXTRA_MAX[extra], 0);
    if (table[name].brotli > most) faults.push(`${name} is over ${most} bytes of brotli`);
  }
  if (table["snippet, filled"].raw > SNIPPET_MAX) faults.push(`the filled snippet is over ${SNIPPET_MAX} bytes`);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length ? 1 : 0;
}

const files = {
  "core.js": await served("core.ts"),
  "trackway.js": await withExtras([]),
  "snippet.js": await snippet(),
};
for (const [name, extras] of Object.entries(EXTRAS)) files[name] = await withExtras(extras);
mkdirSync(ASSETS, { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(join(ASSETS, name), text);
await npmPackage();
const table = {
  ...Object.fromEntries(["core.js", "trackway.js", ...Object.keys(EXTRAS)].map((name) => [name, sizes(files[name])])),
  "snippet, filled": sizes(filled(files["snippet.js"])),
  "npm index.js": sizes(readFileSync(join(DIST, "index.js"), "utf8")),
};
writeFileSync(join(ASSETS, "SIZES.json"), `${JSON.stringify(table, null, 2)}\n`);
report(table);
