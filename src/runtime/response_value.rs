//! The result of a call.

use std::fmt;
use std::ops::Deref;

use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::error::{Error, Unusable};
use super::response::{Received, Response};
use crate::json_fault::JsonFault;

/// The result of a call, with the status and the headers of its response.
///
/// Reads as the result itself, through `Deref`. `Debug` prints the result, in which secrets are
/// redacted, and no headers.
pub struct ResponseValue<T> {
    inner: T,
    status: StatusCode,
    headers: HeaderMap,
}

impl<T> ResponseValue<T> {
    /// The result alone.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl<T: DeserializeOwned> ResponseValue<T> {
    /// The success that generated code asks for, if the body is what it must be.
    #[doc(hidden)]
    pub async fn from_response(response: Response) -> Result<Self, Error> {
        if response.received != Received::Whole {
            return Err(Error::unusable(response, Unusable::Incomplete));
        }
        match serde_json::from_slice(response.json()) {
            Ok(inner) => Ok(Self {
                inner,
                status: response.status,
                headers: response.headers,
            }),
            // The error itself goes no further: its message quotes the body.
            Err(error) => Err(Error::unusable(
                response,
                Unusable::NotTheType(JsonFault::from(&error)),
            )),
        }
    }
}

impl ResponseValue<()> {
    /// The success of an operation that has no result: whatever came with it is of no account.
    #[doc(hidden)]
    pub fn empty(response: Response) -> Self {
        Self {
            inner: (),
            status: response.status,
            headers: response.headers,
        }
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseValue")
            .field("status", &self.status)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::runtime::operation::Operation;
    use crate::runtime::quirks::Quirks;

    /// Reads an answer of an operation that has a result at 200 and none at 202.
    async fn read(status: StatusCode, body: &str) -> Option<Option<u8>> {
        let operation = Operation::new("it", &Method::GET, &[("it", "/it", &[202])], &Quirks::NONE);
        let response = Response {
            operation,
            status,
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec().into(),
            received: Received::Whole,
            cause: None,
            attempts: 1,
        };
        let value = ResponseValue::from_response(response).await;
        value.ok().map(ResponseValue::into_inner)
    }

    #[tokio::test]
    async fn a_result_that_is_there_is_read() {
        assert_eq!(read(StatusCode::OK, "7").await, Some(Some(7)));
    }

    #[tokio::test]
    async fn a_result_that_may_be_missing_and_is_there_is_read() {
        assert_eq!(read(StatusCode::ACCEPTED, "7").await, Some(Some(7)));
    }

    #[tokio::test]
    async fn an_empty_body_where_none_is_promised_is_no_result() {
        assert_eq!(read(StatusCode::ACCEPTED, "").await, Some(None));
    }

    #[tokio::test]
    async fn an_empty_body_where_one_is_promised_is_an_error() {
        assert_eq!(read(StatusCode::OK, "").await, None);
    }

    #[tokio::test]
    async fn null_where_a_result_is_promised_is_an_error() {
        assert_eq!(read(StatusCode::OK, "null").await, None);
    }

    #[tokio::test]
    async fn a_body_that_is_not_the_result_is_an_error() {
        assert_eq!(read(StatusCode::ACCEPTED, "Accepted").await, None);
    }
}
