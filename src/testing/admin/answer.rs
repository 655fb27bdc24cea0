//! Answers of the control API.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{HeaderName, ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use jiff::Timestamp;
use serde_json::{json, Value};

use crate::testing::deliveries::report::DeliveryError;

/// The body of an answer: a complete one, or a stream of events.
pub(crate) type AdminBody = Either<Full<Bytes>, Channel<Bytes>>;

pub(super) type Answer = Response<AdminBody>;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Why a request of the control API failed.
#[derive(Debug)]
pub(super) struct AdminError {
    status: StatusCode,
    message: String,
    allowed: Option<HeaderValue>,
}

impl AdminError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            allowed: None,
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// Returns a 405 with the methods that are allowed (RFC 9110, section 15.5.6).
    pub(super) fn method_not_allowed(allowed: &[&str]) -> Self {
        let allowed = allowed.join(", ");
        let message = format!("the method isn't one of this path; use {allowed}");
        Self {
            allowed: HeaderValue::try_from(allowed).ok(),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
        }
    }

    pub(super) fn into_answer(self) -> Answer {
        let mut answer = json(self.status, &json!({"error": self.message}));
        if let Some(allowed) = self.allowed {
            answer.headers_mut().insert(ALLOW, allowed);
        }
        answer
    }
}

impl From<DeliveryError> for AdminError {
    fn from(error: DeliveryError) -> Self {
        let status = match error {
            DeliveryError::NoSubscription => StatusCode::NOT_FOUND,
            _ => StatusCode::CONFLICT,
        };
        Self::new(status, error.to_string())
    }
}

pub(super) fn json(status: StatusCode, body: &Value) -> Answer {
    let body = Either::Left(body.to_string().into());
    answer(status, "application/json", body)
}

pub(super) fn ok(body: &Value) -> Answer {
    json(StatusCode::OK, body)
}

pub(super) fn no_content() -> Answer {
    let mut answer = answer(StatusCode::NO_CONTENT, "", Either::Left(Full::default()));
    answer.headers_mut().remove(CONTENT_TYPE);
    answer
}

pub(super) fn answer(status: StatusCode, content_type: &'static str, body: AdminBody) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (RESOURCE_POLICY, "same-origin"),
    ] {
        let value = HeaderValue::from_static(value);
        answer.headers_mut().insert(name, value);
    }
    answer
}

/// Returns a time in milliseconds, to the microsecond.
pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e3
}

/// Returns a time of the simulator's clock as RFC 3339 writes it, or null after the year 9999.
pub(super) fn time(time: SystemTime) -> Value {
    Timestamp::try_from(time).map_or(Value::Null, |time| time.to_string().into())
}
