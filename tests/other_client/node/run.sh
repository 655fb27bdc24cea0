#!/usr/bin/env bash
# Has PandaDoc's official client for Node work with the simulator.
#
# Needs Node 18 or later, and npm with its registry. What it installs goes to the folder that is given, or to
# target/node_client.
set -euo pipefail
cd "$(dirname "$0")/../../.."
work=${1:-target/node_client}
mkdir -p "$work"
work=$(cd "$work" && pwd)
cp tests/other_client/node/package.json tests/other_client/node/package-lock.json \
  tests/other_client/node/client.test.js "$work/"
npm ci --silent --no-audit --no-fund --prefix "$work"

. tests/other_client/start.sh
start_simulator "$work/simulator.log"
export SIMULATOR PANDADOC_API_KEY
SIMULATOR=$(setting PANDADOC_BASE_URL)
PANDADOC_API_KEY=$(setting PANDADOC_API_KEY)
cd "$work"
node --test client.test.js
