//! How each provider signs what it delivers.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

use crate::secret::Secret;

/// HMAC-SHA256 of the body in lower-case hexadecimal digits.
///
/// Source: <https://developers.pandadoc.com/docs/webhook-verification>.
pub(super) fn pandadoc(key: &Secret, body: &[u8]) -> String {
    hex(sign::<Hmac<Sha256>>(key, body))
}

/// HMAC-SHA512 of the body in lower-case hexadecimal digits.
///
/// Source: the example of "Subscription webhooks",
/// <https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/overview/>.
pub(super) fn ratepay(key: &Secret, body: &[u8]) -> String {
    hex(sign::<Hmac<Sha512>>(key, body))
}

fn sign<M: Mac + KeyInit>(key: &Secret, body: &[u8]) -> impl AsRef<[u8]> {
    // An HMAC takes keys of any length, so this is never the empty signature (RFC 2104).
    let mac = <M as KeyInit>::new_from_slice(key.expose_secret().as_bytes());
    mac.map(|mac| mac.chain_update(body).finalize().into_bytes())
        .unwrap_or_default()
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    let digits = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.as_ref().iter().flat_map(digits).collect()
}
