#!/usr/bin/env bash
# Builds a service that depends on the package as it would be published, and tests it.
#
# Its dependencies are those that README.md and docs/testing.md tell a reader to add, and their versions are those of
# Cargo.lock. It tests the README's examples, and runs the first test of docs/testing.md, which rotates a key.
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

# The first example of a file in a language: `example FILE LANGUAGE`
example() {
  awk -v begin='```'"$2" '$0 == begin {inside = 1; next} /^```$/ {if (inside) exit} inside' "package/$1"
}
{
  printf '[package]\nname = "consumer"\nversion = "0.0.0"\nedition = "2021"\n\n[workspace]\n\n'
  example README.md toml
  echo
  example docs/testing.md toml
} >Cargo.toml
cp "$repository/Cargo.lock" .
example docs/testing.md rust,ignore >tests/rotation.rs
echo '#![doc = include_str!("../package/README.md")]' >src/lib.rs

CARGO_TARGET_DIR=$target cargo test --config 'patch.crates-io.webhook-subscriptions.path = "package"'
