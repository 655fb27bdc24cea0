#!/usr/bin/env bash
# Builds a service that depends on the package as it would be published, and tests it.
#
# Its dependencies are those that README.md and docs/testing.md tell a reader to add, and their versions are those of
# Cargo.lock. It tests the README's examples, and rotates a key at the simulator.
set -euo pipefail
cd "$(dirname "$0")/../.."
repository=$PWD
target=${CARGO_TARGET_DIR:-$repository/target}

rm -rf "$target/package" "$target/consumer"
# The service below compiles it, so cargo needn't verify it.
cargo package --no-verify --allow-dirty --package webhook-subscriptions
packed=("$target"/package/webhook-subscriptions-*.crate)
mkdir -p "$target/consumer/src" "$target/consumer/tests" "$target/consumer/package"
tar --extract --gzip --file "${packed[0]}" --strip-components 1 --directory "$target/consumer/package"
cd "$target/consumer"

# The lines of the first example in TOML.
told() { awk '/^```toml$/ {inside = 1; next} /^```$/ {if (inside) exit} inside' "package/$1"; }
{
  printf '[package]\nname = "consumer"\nversion = "0.0.0"\nedition = "2021"\n\n[workspace]\n\n'
  told README.md
  echo
  told docs/testing.md
} >Cargo.toml
cp "$repository/Cargo.lock" .
cp "$repository/tests/consumer/rotation.rs" tests/
echo '#![doc = include_str!("../package/README.md")]' >src/lib.rs

CARGO_TARGET_DIR=$target cargo test --config 'patch.crates-io.webhook-subscriptions.path = "package"'
