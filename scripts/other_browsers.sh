#!/bin/sh
# Installs Firefox and WebKit for the browser tests where Debian's packages can be had (needs root), and says why not
# elsewhere. Never fails: without them those tests are skipped, with the reason printed.
set -u

wanted=""
[ -x /usr/bin/firefox-esr ] || wanted="firefox-esr"
[ -x /usr/bin/WebKitWebDriver ] || wanted="$wanted webkit2gtk-driver"
[ -n "${DISPLAY:-}" ] || [ -x /usr/bin/Xvfb ] || wanted="$wanted xvfb"
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "The SDK is not tested in every browser: needs root and apt-get to install $wanted."
elif ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted; } >&2; then
  echo "The SDK is not tested in every browser: $wanted could not be installed."
fi
exit 0
