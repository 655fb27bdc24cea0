#!/usr/bin/env bash
# Has a client that another generator makes of PandaDoc's published document work with the simulator.
#
# The variable PANDADOC_DOCUMENT has the path of that document. Without it there is nothing to do.
# Needs Python 3.10 or later with venv, and PyPI. What it installs and generates goes to the folder
# that is given, or to target/other_client.
set -euo pipefail
document=${PANDADOC_DOCUMENT:-}
if [ -z "$document" ]; then
  echo "$0 is skipped: set PANDADOC_DOCUMENT to the path of a document that PandaDoc publishes" >&2
  exit 0
fi
document=$(realpath "$document")
cd "$(dirname "$0")/../.."
work=${1:-target/other_client}
mkdir -p "$work"
work=$(cd "$work" && pwd)

[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check -r tests/other_client/requirements.txt

# The document, byte for byte: nothing is prepared for the generator. It leaves out operations that it
# cannot express and says so; all of the webhooks' are there, or the driver fails.
rm -rf "$work/pandadoc_client"
"$work/venv/bin/openapi-python-client" generate --meta none \
  --path "$document" --output-path "$work/pandadoc_client" \
  >"$work/generated.log" 2>&1 || { cat "$work/generated.log"; exit 1; }

. tests/other_client/start.sh
start_simulator "$work/simulator.log"
PYTHONPATH="$work" "$work/venv/bin/python" tests/other_client/drive.py "$work/simulator.log"
