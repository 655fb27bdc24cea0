#!/usr/bin/env bash
# Has PandaDoc's official client for Node work with the simulator.
#
# Needs Node 18 or later, and npm with its registry. What it installs goes to the folder that is given, or to
# target/node_client.
set -euo pipefail
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "$0 is skipped: install Node and npm" >&2
  exit 0
fi
cd "$(dirname "$0")/../../.."
work=${1:-target/node_client}
mkdir -p "$work"
work=$(cd "$work" && pwd)
cp tests/other_client/node/package.json tests/other_client/node/package-lock.json \
  tests/other_client/node/client.test.js "$work/"
if ! npm ci --silent --no-audit --no-fund --prefix "$work"; then
  npm ping >/dev/null 2>&1 && exit 1
  echo "$0 is skipped: npm's registry can't be reached" >&2
  exit 0
fi

. tests/other_client/start.sh
start_simulator "$work/simulator.log"
export SIMULATOR PANDADOC_API_KEY
SIMULATOR=$(setting PANDADOC_BASE_URL)
PANDADOC_API_KEY=$(setting PANDADOC_API_KEY)
cd "$work"
node --test client.test.js
