#!/usr/bin/env bash
# Opens HTML reports in a real browser and checks them with .ci/checks/html.mjs.
#
# usage: html.sh KEYSIDE [SCREENSHOTS]
# KEYSIDE is the program; screenshots of the pages go to the folder SCREENSHOTS if one is named.
# The browser is $CHROME or an installed Chromium. Its driver is installed to $HTML_TOOLS
# (default: target/html-tools) if it is missing.
# exit: 0 success, 1 failure, 2 usage, 77 no browser (skipped).
set -euo pipefail

readonly puppeteer_version=24.8.2
readonly axe_version=4.14.1

skip() {
  echo "html: skipped: $1" >&2
  exit 77
}

if [ "$#" -lt 1 ] || [ ! -x "$1" ]; then
  echo "usage: ${0##*/} KEYSIDE [SCREENSHOTS]" >&2
  exit 2
fi

command -v node >/dev/null || skip "there is no node"
command -v npm >/dev/null || skip "there is no npm"
browser=${CHROME:-}
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  [ -n "$browser" ] || browser=$(command -v "$name" || true)
done
[ -n "$browser" ] || skip "there is no Chromium"

root=$(cd "$(dirname "$0")/../.." && pwd)
tools=${HTML_TOOLS:-$root/target/html-tools}
if [ ! -d "$tools/node_modules/puppeteer-core" ] || [ ! -d "$tools/node_modules/axe-core" ]; then
  mkdir -p "$tools"
  npm install --prefix "$tools" --ignore-scripts --no-audit --no-fund --loglevel=error \
    "puppeteer-core@$puppeteer_version" "axe-core@$axe_version" >&2 ||
    skip "npm could not install what drives the browser"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root/.ci/checks/html.mjs" "$tools/html.mjs"
node "$tools/html.mjs" "$(realpath "$1")" "$browser" "$work" ${2:+"$(realpath -m "$2")"}
