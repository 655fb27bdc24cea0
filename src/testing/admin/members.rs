//! The members of a JSON body. Unknown ones are errors.

use std::fmt::Display;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::answer::AdminError;

/// The members of a request body that weren't read yet.
pub(super) struct Members(Map<String, Value>);

impl Members {
    /// Parses a body. Only `application/json` is accepted, which no form of another page can send.
    pub(super) fn parse(head: &Parts, body: &[u8]) -> Result<Self, AdminError> {
        let content_type = head.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|it| it.to_str().ok());
        let media_type = content_type.and_then(|it| it.split(';').next());
        if !media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json")) {
            return Err(AdminError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body isn't sent as JSON; add the header `Content-Type: application/json`",
            ));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(AdminError::invalid("the body isn't a JSON object")),
            Err(error) => Err(AdminError::invalid(format!("the body isn't JSON: {error}"))),
        }
    }

    /// Reads a member that may be missing.
    pub(super) fn optional<T: DeserializeOwned>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, AdminError> {
        let Some(value) = self.0.remove(name) else {
            return Ok(None);
        };
        let value = serde_json::from_value(value).map_err(|error| wrong(name, &error))?;
        Ok(Some(value))
    }

    /// Reads a required member.
    pub(super) fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, AdminError> {
        let value = self.optional(name)?;
        value.ok_or_else(|| AdminError::invalid(format!("`{name}` is missing")))
    }

    /// Reads a required member that is a number of seconds.
    pub(super) fn seconds(&mut self, name: &str) -> Result<Duration, AdminError> {
        Duration::try_from_secs_f64(self.required(name)?).map_err(|error| wrong(name, &error))
    }

    /// Rejects members that weren't read.
    pub(super) fn end(self) -> Result<(), AdminError> {
        match self.0.keys().next() {
            Some(unknown) => {
                let message = format!("`{unknown}` isn't a member of this request; leave it out");
                Err(AdminError::invalid(message))
            }
            None => Ok(()),
        }
    }
}

/// Returns the error of a member with a wrong value.
pub(super) fn wrong(name: &str, why: &dyn Display) -> AdminError {
    AdminError::invalid(format!("`{name}`: {why}"))
}
