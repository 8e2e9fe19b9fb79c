/**
 * Builds the SDK: the served file and the snippet into the server's assets, the npm package into dist/.
 * Never lets a file grow past its budget unnoticed: too large is a failed build.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

const HERE = dirname(fileURLToPath(import.meta.url));
const ASSETS = join(HERE, "../src/trackway/assets/sdk");
const DIST = join(HERE, "dist");

/** Largest served files, in bytes of brotli: each page is served one of the two first, whatever its site has switched on. */
const BROTLI_MAX = { "core.js": 6144, "trackway.js": 10_240 };
/** Largest snippet once filled in, script tags included. */
const SNIPPET_MAX = 600;
/** What the server may fill in, at a generous guess, to hold the snippet to its budget. */
const FILLED = {
  __NAME__: "SR",
  __URL__: "https://analytics.example-company.com/s/tk_0123456789abcdef0123456789.js",
};
const TARGET = "es2020";
/** Files that are loaded only where they are needed; the server has the same list. */
const LAZY = ["ahead", "errors", "vitals", "extras", "overlay"];
/** So many digits of the SHA-256 of all of them are in each one's name; the server counts the same. */
const HASH_DIGITS = 10;
/** Names that never leave the bundle: private members, and the fields of objects that are neither sent nor handed out. */
const INTERNAL =
  /^(_[a-z].*|flight|waiters|settle|extra|seen|low|due|tell|lose|lost|adopt|touch|forget|fresh|plan|release|visits|restore|navigate|retryAfter|last|end|check|bytes|hide|show|online|become|track|page|json|visit|stop)$/;

/** The short names that were given so far: files that talk to each other in a page must agree on them. */
let mangled = {};

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
  mangled = result.mangleCache ?? mangled;
  return result.outputFiles[0].text.trim();
}

/** What esbuild leaves to gain: terser folds names, constants and functions that are used once, 4 % of brotli. */
const TERSER = {
  passes: 3,
  inline: 1,
  unsafe: true,
  unsafe_arrows: true,
  unsafe_methods: true,
  pure_getters: true,
  lhs_constants: false,
};

/** esbuild's part of it; the names are left to terser, which knows what remains to be named. */
const SHORTENED = { minify: false, minifySyntax: true, minifyWhitespace: true };

/** Folds a module, then names what is left of it: in one go it names what is then folded away. */
async function folded(module) {
  const { code } = await minify(module, { ecma: 2020, module: true, compress: TERSER, mangle: false });
  return (await minify(code, { ecma: 2020, module: true, compress: false })).code;
}

/** A module's text, and what it calls its one export, `start`. */
async function parted(entry, define) {
  const text = await folded(await bundle(entry, { ...SHORTENED, mangleProps: INTERNAL, mangleCache: mangled, define }));
  const exported = /export\{([\w$]+) as start\};$/;
  if (!exported.test(text)) throw new Error(`the bundle of ${entry} no longer ends with its one export`);
  return [text.replace(exported, ""), text.match(exported)[1]];
}

/** The served file leaves one variable; all else stays within the function that the server puts around it. */
async function served(entry, define) {
  const [text, start] = await parted(entry, define);
  return `${text}var TrackwaySDK={start:${start}};\n`;
}

/** What the server puts between the file and its start, in a function of its own: the two have the same short names. */
async function between(entry) {
  const [text, start] = await parted(entry);
  return `var TrackwayMore=function(){${text}return ${start}}();\n`;
}

/** A file loaded on demand: a module, with what it exports under its own name. */
async function lazy(name) {
  const text = await bundle(`${name}.ts`, { ...SHORTENED, mangleProps: INTERNAL, mangleCache: mangled });
  return `${await folded(text)}\n`;
}

const hash = (texts) => createHash("sha256").update(texts.join("")).digest("hex").slice(0, HASH_DIGITS);

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

/** ESM in dist/, CommonJS in dist/cjs/, each beside its own types: what is what is said by the nearest package.json. */
async function npmPackage() {
  const cjs = join(DIST, "cjs");
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(cjs, { recursive: true });
  const shared = { bundle: true, minify: true, target: TARGET, charset: "utf8", legalComments: "none" };
  const named = { ...shared, mangleProps: /^_[a-z]/, entryPoints: [join(HERE, "src/index.ts")] };
  await build({ ...named, format: "esm", splitting: true, outdir: DIST, chunkNames: "[name]-[hash]" });
  await build({ ...named, format: "cjs", outfile: join(cjs, "index.js") });
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
  if (table["snippet, filled"].raw > SNIPPET_MAX) faults.push(`the filled snippet is over ${SNIPPET_MAX} bytes`);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length ? 1 : 0;
}

await served("served.ts", { __HASH__: '""' });
const lazies = {};
for (const name of LAZY) lazies[name] = await lazy(name);
const define = { __HASH__: JSON.stringify(hash(Object.values(lazies))) };
const files = {
  "core.js": await served("core.ts", define),
  "trackway.js": await served("served.ts", define),
  "more.js": await between("more.ts"),
  ...Object.fromEntries(Object.entries(lazies).map(([name, text]) => [`${name}.js`, text])),
  "snippet.js": await snippet(),
};
mkdirSync(ASSETS, { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(join(ASSETS, name), text);
await npmPackage();
const table = {
  ...Object.fromEntries(["core.js", "trackway.js", "more.js"].map((name) => [name, sizes(files[name])])),
  "snippet, filled": sizes(filled(files["snippet.js"])),
  ...Object.fromEntries(Object.entries(lazies).map(([name, text]) => [`${name}.js`, sizes(text)])),
  "npm index.js": sizes(readFileSync(join(DIST, "index.js"), "utf8")),
};
writeFileSync(join(ASSETS, "SIZES.json"), `${JSON.stringify(table, null, 2)}\n`);
report(table);
