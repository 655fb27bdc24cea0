//! PandaDoc's error bodies, by `components.responses` of its published document.

use std::time::Duration;

use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{json, Map, Value};

use crate::testing::answer::Answer;
use crate::testing::random;

/// Messages per field.
pub(in crate::testing) type Fields = Map<String, Value>;

/// Seen on every answer of PandaDoc's, and not documented.
pub(super) fn with_request_id(answer: Answer) -> Answer {
    let id = random::uuid().to_string();
    match HeaderValue::try_from(id) {
        Ok(id) => answer.with(HeaderName::from_static("x-request-id"), id),
        Err(_) => answer,
    }
}

fn error(status: StatusCode, name: &str, detail: impl Into<Value>) -> Answer {
    let body = json!({"type": name, "detail": detail.into()});
    with_request_id(Answer::json(status, &body))
}

/// The body for a status. Those of 405, 413, 415 and 5xx are not documented.
pub(in crate::testing) fn of(status: StatusCode) -> Answer {
    match status {
        StatusCode::BAD_REQUEST => fields(of_no_field("Bad request.")),
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
            with_request_id(Answer::json(status, &body))
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

pub(super) fn unauthorized(detail: &str) -> Answer {
    error(StatusCode::UNAUTHORIZED, "authentication_error", detail)
}

pub(super) fn fields(fields: Fields) -> Answer {
    error(StatusCode::BAD_REQUEST, "request_error", fields)
}

/// A message that is about the request as a whole.
pub(super) fn of_no_field(message: &str) -> Fields {
    let mut fields = Fields::new();
    fields.insert("non_field_errors".to_owned(), json!([message]));
    fields
}

/// `Retry-After` is not documented; the form of PandaDoc's errors is that of a framework whose answers
/// of this kind have it.
pub(super) fn throttled(wait: Duration) -> Answer {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    of(StatusCode::TOO_MANY_REQUESTS).with(RETRY_AFTER, seconds.into())
}

pub(in crate::testing) fn method_not_allowed(method: &Method) -> Answer {
    let detail = format!("Method \"{method}\" not allowed.");
    error(StatusCode::METHOD_NOT_ALLOWED, "request_error", detail)
}
