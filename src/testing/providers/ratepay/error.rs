//! Ratepay's error responses: `application/problem+json`, with members of Ratepay's own.
//!
//! Source: "Create Subscription",
//! <https://docs.ratepay.com/apis/webhooks/subscription/openapi/subscription_webhooks/endpoints/createsubscription.md>.
//! A 400 has `name` and `message`; the others have only `message`. Only the text of the 400's example is
//! documented.

use http::StatusCode;
use serde_json::{json, Value};

use crate::testing::providers::response::ProviderResponse;

fn problem(status: StatusCode, body: &Value) -> ProviderResponse {
    ProviderResponse::text(status, "application/problem+json", body.to_string())
}

pub(super) fn invalid(message: &str) -> ProviderResponse {
    let body = json!({"name": "ValidationError", "message": message});
    problem(StatusCode::BAD_REQUEST, &body)
}

/// Returns the error response with this status.
pub(crate) fn response(status: StatusCode) -> ProviderResponse {
    let message = match status {
        StatusCode::BAD_REQUEST => return invalid("Error while validating the JWT token."),
        StatusCode::UNAUTHORIZED => "The client can not be authorized.",
        StatusCode::FORBIDDEN => "The client may not do this with the resource.",
        StatusCode::NOT_FOUND => "The resource was not found.",
        StatusCode::METHOD_NOT_ALLOWED => "The method is not allowed here.",
        StatusCode::NOT_ACCEPTABLE => "There is no representation that the client accepts.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "The format of the payload is not supported.",
        status => status.canonical_reason().unwrap_or("Error"),
    };
    problem(status, &json!({ "message": message }))
}
