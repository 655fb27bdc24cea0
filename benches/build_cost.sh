#!/usr/bin/env bash
# Measures the cost of generating the clients at build time, in user seconds:
#
# - of a clean build of a service without a TLS feature, compared with the same crate with the generated files
#   checked in, and with that crate with the generator as a build dependency that does nothing;
# - of a build after a document was touched, compared with one after a source file was touched.
#
# It takes some minutes on an idle machine.
#
#     benches/build_cost.sh
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CARGO_TERM_QUIET=true
unset CARGO_TARGET_DIR

# The two crates.
mkdir "$work/generating" "$work/checked_in"
cp -r Cargo.toml Cargo.lock README.md docs build.rs build specs src "$work/generating"
cp -r Cargo.toml Cargo.lock README.md docs src "$work/checked_in"
# Neither has the tests, examples and benchmarks, or the other packages of the workspace.
for crate in generating checked_in; do
  sed -i '/^members = /d; /^default-members = /d; /^exclude = \["benches/d' "$work/$crate/Cargo.toml"
  sed -i '/^\[dev-dependencies\]/,/^\[lints/{/^\[lints/!d}' "$work/$crate/Cargo.toml"
done
cargo build --manifest-path "$work/generating/Cargo.toml" --no-default-features --target-dir "$work/first"
mkdir "$work/checked_in/generated"
cp "$work"/first/debug/build/webhook-subscriptions-*/out/*.rs "$work/checked_in/generated"
sed -i '/^\[build-dependencies\]/,/^$/d' "$work/checked_in/Cargo.toml"
sed -i 's|concat!(env!("OUT_DIR"), "/", $file)|concat!(env!("CARGO_MANIFEST_DIR"), "/generated/", $file)|' \
  "$work/checked_in/src/runtime/progenitor_client/mod.rs"

# The cost of building the generator alone: it does nothing.
cp -r "$work/checked_in" "$work/idle"
printf '[build-dependencies]\nprogenitor = { version = "0.15", default-features = false }\n' >>"$work/idle/Cargo.toml"
echo 'fn main() { let _ = progenitor::GenerationSettings::new(); }' >"$work/idle/build.rs"

# A service for each crate, which is its only dependency.
for crate in generating idle checked_in; do
  service="$work/service_$crate"
  mkdir -p "$service/src"
  cp Cargo.lock "$service"
  cat >"$service/Cargo.toml" <<TOML
[package]
name = "service"
version = "0.1.0"
edition = "2021"

[dependencies]
webhook-subscriptions = { path = "../$crate", default-features = false }
TOML
  echo 'fn main() { println!("{:?}", webhook_subscriptions::pandadoc::Client::builder()); }' >"$service/src/main.rs"
  cargo fetch --manifest-path "$service/Cargo.toml"
done

# User seconds of a build of the service.
build() {
  local TIMEFORMAT=%U
  { time cargo build --manifest-path "$work/service_$1/Cargo.toml" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }; } 2>&1
}
median() { sort -n | sed -n "$((($1 + 1) / 2))p"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# Once and whole, as a crate from a registry is built.
export CARGO_INCREMENTAL=0
clean_rounds=3
for round in $(seq $clean_rounds); do
  for crate in generating idle checked_in; do
    rm -rf "$work/service_$crate/target"
    build $crate >>"$work/clean_$crate"
  done
done
generating=$(median $clean_rounds <"$work/clean_generating")
checked_in=$(median $clean_rounds <"$work/clean_checked_in")
idle=$(median $clean_rounds <"$work/clean_idle")
printf 'clean build, user seconds (median of %d):\n' $clean_rounds
printf '  generated files checked in  %s\n' "$checked_in"
printf '  generator built, and idle   %s, ratio %s\n' "$idle" "$(ratio "$idle" "$checked_in")"
printf '  generating                  %s, ratio %s\n' "$generating" "$(ratio "$generating" "$checked_in")"

# As a developer of the crate builds it.
export CARGO_INCREMENTAL=1
touch_rounds=7
build generating >"$work/log"
for round in $(seq $touch_rounds); do
  touch "$work/generating/specs/pandadoc.json"
  build generating >>"$work/touched_document"
  touch "$work/generating/src/secret.rs"
  build generating >>"$work/touched_source"
done
document=$(median $touch_rounds <"$work/touched_document")
source=$(median $touch_rounds <"$work/touched_source")
printf 'build after a touch, user seconds (median of %d):\n' $touch_rounds
printf '  of a source file            %s\n' "$source"
printf '  of a document               %s, ratio %s\n' "$document" "$(ratio "$document" "$source")"
