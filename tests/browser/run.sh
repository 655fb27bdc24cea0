#!/usr/bin/env bash
# Tests the page of the control API in headless Chromium.
#
# Needs Chromium, Node 18 or later, and npm. It is skipped if Chromium isn't installed. What it installs, and
# the screenshots that it takes, go to the folder that is given, or to target/browser.
set -euo pipefail
CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
if [ -z "$CHROMIUM" ] || ! command -v npm >/dev/null; then
  echo "$0 is skipped: install Chromium, Node and npm, or set CHROMIUM to its path" >&2
  exit 0
fi
cd "$(dirname "$0")/../.."
work=${1:-target/browser}
mkdir -p "$work"
work=$(cd "$work" && pwd)
cp tests/browser/package.json tests/browser/package-lock.json tests/browser/page.test.js "$work/"
if ! npm ci --silent --no-audit --no-fund --prefix "$work"; then
  npm ping >/dev/null 2>&1 && exit 1
  echo "$0 is skipped: npm's registry can't be reached" >&2
  exit 0
fi

. tests/other_client/start.sh
start_simulator "$work/simulator.log"
export CHROMIUM SIMULATOR PANDADOC_API_KEY SCREENSHOTS=$work
SIMULATOR=$(setting PANDADOC_BASE_URL)
PANDADOC_API_KEY=$(setting PANDADOC_API_KEY)
cd "$work"
node --test page.test.js
