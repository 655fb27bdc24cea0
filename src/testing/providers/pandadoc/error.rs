//! PandaDoc's error responses, by `components.responses` of its published document.

use std::time::Duration;

use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{json, Map, Value};

use crate::testing::providers::random;
use crate::testing::providers::response::ProviderResponse;

/// The messages of a 400, per field.
pub(super) type FieldErrors = Map<String, Value>;

/// Adds the request id that every response of PandaDoc has. It isn't documented.
pub(super) fn with_request_id(response: ProviderResponse) -> ProviderResponse {
    let id = random::uuid().to_string();
    match HeaderValue::try_from(id) {
        Ok(id) => response.with_header(HeaderName::from_static("x-request-id"), id),
        Err(_) => response,
    }
}

fn error(status: StatusCode, name: &str, detail: impl Into<Value>) -> ProviderResponse {
    let body = json!({"type": name, "detail": detail.into()});
    with_request_id(ProviderResponse::json(status, &body))
}

/// Returns the error response with this status. The bodies of 405, 413, 415 and 5xx aren't documented.
pub(crate) fn response(status: StatusCode) -> ProviderResponse {
    match status {
        StatusCode::BAD_REQUEST => invalid_fields(non_field_error("Bad request.")),
        StatusCode::UNAUTHORIZED => unauthorized("Authentication credentials were not provided."),
        StatusCode::FORBIDDEN => {
            let body = json!({
                "type": "permissions_error",
                "detail": "You do not have permission to perform this action.",
                "info_message": "Only an admin of the workspace may manage its webhooks.",
                "links": [{
                    "rel": "help",
                    "href": "https://developers.pandadoc.com/docs/webhooks-concepts",
                    "type": "GET",
                }],
            });
            with_request_id(ProviderResponse::json(status, &body))
        }
        StatusCode::NOT_FOUND => error(status, "request_error", "Not found"),
        StatusCode::TOO_MANY_REQUESTS => error(status, "throttled", "Request was throttled."),
        status if status.is_server_error() => {
            error(status, "server_error", "The server failed to answer.")
        }
        status => error(
            status,
            "request_error",
            status.canonical_reason().unwrap_or("Error"),
        ),
    }
}

pub(super) fn unauthorized(detail: &str) -> ProviderResponse {
    error(StatusCode::UNAUTHORIZED, "authentication_error", detail)
}

pub(super) fn invalid_fields(fields: FieldErrors) -> ProviderResponse {
    error(StatusCode::BAD_REQUEST, "request_error", fields)
}

/// Returns a message about the request as a whole.
pub(super) fn non_field_error(message: &str) -> FieldErrors {
    let mut fields = FieldErrors::new();
    fields.insert("non_field_errors".to_owned(), json!([message]));
    fields
}

/// Returns a 429 with `Retry-After`, rounded up to whole seconds.
///
/// PandaDoc doesn't document the header. Its errors have the form of a framework that sends it.
pub(super) fn throttled(wait: Duration) -> ProviderResponse {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response(StatusCode::TOO_MANY_REQUESTS).with_header(RETRY_AFTER, seconds.into())
}

pub(crate) fn method_not_allowed(method: &Method) -> ProviderResponse {
    let detail = format!("Method \"{method}\" not allowed.");
    error(StatusCode::METHOD_NOT_ALLOWED, "request_error", detail)
}
