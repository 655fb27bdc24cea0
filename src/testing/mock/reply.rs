//! What a mock answers.

use std::marker::PhantomData;
use std::time::Duration;

use http::header::{HeaderName, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use httpmock::HttpMockResponse;

use super::clients::sealed::Mocked as _;
use super::{DocumentedError, Operation};

/// One answer of an operation.
pub struct Reply<O> {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    of: PhantomData<fn() -> O>,
}

impl<O: Operation> Reply<O> {
    /// The operation's result, under its first documented status of success.
    ///
    /// # Panics
    ///
    /// If the result cannot be written as JSON.
    #[must_use]
    pub fn success(answer: O::Answer) -> Self {
        let body = match serde_json::to_vec(&answer) {
            // No result has no body.
            Ok(json) if json == b"null" => Vec::new(),
            Ok(json) => json,
            Err(error) => panic!("the answer of {} cannot be written: {error}", O::ID),
        };
        let status = StatusCode::from_u16(O::SUCCESS).unwrap_or_default();
        match body.is_empty() {
            true => Self::new(status, body),
            false => Self::raw(status, "application/json", body),
        }
    }

    /// One of the operation's documented errors, with a body as the provider writes it.
    #[must_use]
    pub fn error(error: O::Error) -> Self {
        let (status, headers, body) = O::Client::error(error.status()).into_parts();
        Self {
            headers,
            ..Self::new(status, body.to_vec())
        }
    }

    /// Any answer: a status that is not documented, a CDN's page in front of the provider, bytes that are
    /// no JSON.
    ///
    /// # Panics
    ///
    /// If the media type cannot stand in a header, or the status is below 200, which is no answer yet.
    #[must_use]
    pub fn raw(status: StatusCode, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, body.into()).header(CONTENT_TYPE, media_type)
    }

    fn new(status: StatusCode, body: Vec<u8>) -> Self {
        assert!(
            !status.is_informational(),
            "{status} is no answer yet; give 200 or above"
        );
        Self {
            status,
            headers: HeaderMap::new(),
            body,
            of: PhantomData,
        }
    }

    /// With `Retry-After` in seconds (RFC 9110, section 10.2.3), a part of a second counted as one. For a
    /// date see [`header`](Self::header).
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let seconds = wait
            .as_secs()
            .saturating_add(u64::from(wait.subsec_nanos() > 0));
        self.headers.insert(RETRY_AFTER, seconds.into());
        self
    }

    /// With this header, in place of what it has of that name.
    ///
    /// # Panics
    ///
    /// If the value cannot stand in a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::try_from(value) {
            Ok(value) => self.headers.insert(name, value),
            Err(error) => panic!("the value of {name} cannot be sent: {error}"),
        };
        self
    }

    /// With another status, such as a second one of success.
    ///
    /// # Panics
    ///
    /// If it is below 200.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self {
            headers: self.headers,
            ..Self::new(status, self.body)
        }
    }

    pub(super) fn response(&self) -> HttpMockResponse {
        let mut response = HttpMockResponse::builder().status(self.status.as_u16());
        for (name, value) in &self.headers {
            response = response.header(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
        }
        response.body(self.body.clone()).build()
    }
}
