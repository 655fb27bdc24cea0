#!/usr/bin/env bash
# Makes the signatures of signatures.tsv with OpenSSL: `tests/vectors/make.sh > tests/vectors/signatures.tsv`
# One line for each: the scheme, the key, the body with JSON's escapes, the signature.
set -euo pipefail

# scheme, digest, key, body with the escapes of JSON and of printf, which agree on those used here
vector() {
  local signature
  signature=$(printf "$4" | openssl dgst "-$2" -hmac "$3" -r | cut -d' ' -f1)
  printf '%s\t%s\t%s\t%s\n' "$1" "$3" "$4" "$signature"
}

long=$(printf '0123456789%.0s' {1..20})

for provider in "pandadoc sha256" "ratepay sha512"; do
  read -r scheme digest <<<"$provider"
  vector "$scheme" "$digest" abc123 '{"key":"value"}'
  vector "$scheme" "$digest" DgwSJeYa2h5SCmzVZws2UM '[{"event":"document_state_changed","data":{"id":"msFYActMfJHqNTKH8YSvF1"}}]'
  vector "$scheme" "$digest" DgwSJeYa2h5SCmzVZws2UM ''
  vector "$scheme" "$digest" DgwSJeYa2h5SCmzVZws2UM ' [ ]\n'
  vector "$scheme" "$digest" 'kéy with ümlauts' '[{"event":"template_created","data":{"name":"Übergröße 😀"}}]'
  vector "$scheme" "$digest" "$long" "$long$long$long"
done
