//! The result of a call.

use std::fmt;
use std::ops::Deref;

use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::parse_error::JsonFault;
use crate::runtime::call::trace_unusable;
use crate::runtime::error::{Error, Unusable};
use crate::runtime::exchange::{Received, Response};

/// The result of a call, with the status and the headers of its response.
///
/// The members of the result are accessible directly, through `Deref`. `Debug` prints the status and the
/// result, in which secrets are redacted, and no headers.
///
/// ```no_run
/// use webhook_subscriptions::{pandadoc, Error, Secret};
///
/// async fn shared_key(client: &pandadoc::Client, id: &uuid::Uuid) -> Result<Option<Secret>, Error> {
///     let answer = client.details_webhook_subscription(id).await?;
///     println!("{}, request {:?}", answer.status(), answer.headers().get("x-request-id"));
///     // A member of the result, read through `Deref`.
///     println!("the subscription {:?}", answer.name);
///     // The result itself, to move members out of it.
///     Ok(answer.into_inner().shared_key)
/// }
/// ```
pub struct ResponseValue<T> {
    inner: T,
    status: StatusCode,
    headers: HeaderMap,
}

impl<T> ResponseValue<T> {
    /// Returns the result alone.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// Returns the status of the response.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the response with a result made of this one.
    pub(crate) fn map<U>(self, map: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue {
            inner: map(self.inner),
            status: self.status,
            headers: self.headers,
        }
    }
}

impl<T: DeserializeOwned> ResponseValue<T> {
    /// Reads the result from a success. Generated code calls this.
    pub(crate) async fn from_response(response: Response) -> Result<Self, Error> {
        if response.received != Received::Whole {
            return Err(unusable(response, Unusable::Incomplete));
        }
        match serde_json::from_slice(&response.body) {
            Ok(inner) => Ok(Self {
                inner,
                status: response.status,
                headers: response.headers,
            }),
            // The error itself is dropped, since its message quotes the body.
            Err(error) => Err(unusable(
                response,
                Unusable::NotTheType(JsonFault::from(&error)),
            )),
        }
    }
}

impl ResponseValue<()> {
    /// Makes the success of an operation that has no result. Any body is ignored. Generated code calls this.
    pub(crate) fn empty(response: Response) -> Self {
        Self {
            inner: (),
            status: response.status,
            headers: response.headers,
        }
    }
}

/// Makes the error of a success without the result that it must have, after the call has ended.
pub(super) fn unusable(response: Response, why: Unusable) -> Error {
    let operation = response.operation;
    let error = Error::unusable_success(response, why);
    trace_unusable(&error, operation);
    error
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
