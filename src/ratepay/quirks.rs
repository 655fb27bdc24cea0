//! The rules that only Ratepay has.

use http::header::{HeaderMap, CONTENT_TYPE};
use serde::Deserialize;

use crate::runtime::Quirks;

pub(super) const QUIRKS: Quirks = Quirks {
    idempotent: &[],
    // A new token doesn't end the validity of another.
    reads: &["create_o_auth_token"],
    is_own_not_found,
    rejects_credential,
    wait_in_message: |_| None,
};

/// Recognizes `application/problem+json` with a `message`. Source: the error responses of "Delete Subscription",
/// <https://ratepay.redoc.ly/apis/webhooks/subscription/openapi/subscription_webhooks/operation/deleteSubscription>.
/// A gateway that follows RFC 9457 would send `title` or `detail` instead.
fn is_own_not_found(headers: &HeaderMap, body: &[u8]) -> bool {
    let media_type = headers.get(CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok()?.split(';').next());
    let is_problem =
        media_type.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/problem+json"));
    #[derive(Deserialize)]
    struct NotFound {
        #[serde(rename = "message")]
        _message: String,
    }
    is_problem && serde_json::from_slice::<NotFound>(body).is_ok()
}

/// Recognizes "Error while validating the JWT token.", with status 400. Source: the 400 of "Create Subscription",
/// <https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/endpoints/createsubscription.md>.
fn rejects_credential(message: &str) -> bool {
    message.contains("JWT")
}
