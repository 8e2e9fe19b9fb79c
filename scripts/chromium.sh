#!/bin/sh
# Prints the path of a Chromium for the browser tests, and installs one when there is none:
# TRACKWAY_CHROMIUM, else what is on the PATH, else Debian's package (needs root), else the headless build that an npm
# package carries (needs nothing, but has neither hidden tabs nor a back/forward cache: those tests are skipped).
set -eu

found="${TRACKWAY_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}"
if [ -z "$found" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >&2; then
    found="$(command -v chromium || true)"
  fi
fi
if [ -z "$found" ]; then
  mkdir -p .cache/browser
  (cd .cache/browser && npm install --no-save --no-audit --no-fund --loglevel=error @sparticuz/chromium@153.0.0 >&2)
  found="$(cd .cache/browser && node --input-type=module -e \
    'import c from "@sparticuz/chromium"; import fs from "node:fs";
     const from = await c.executablePath(), to = process.cwd() + "/chromium";
     fs.copyFileSync(from, to); fs.chmodSync(to, 0o755); console.log(to)')"
fi
echo "$found"
