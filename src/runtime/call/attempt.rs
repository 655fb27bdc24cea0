//! One attempt: sends a request and reads the response.

use std::mem;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{HeaderMap, HeaderValue, AUTHORIZATION, USER_AGENT};
use serde::de::IgnoredAny;
use zeroize::Zeroize;

use crate::auth::Credential;
use crate::parse_error::JsonFault;
use crate::runtime::client::{HttpClients, Request};
use crate::runtime::error::{Error, Unusable};
use crate::runtime::exchange::{ErasedBuf, Operation, Received, Response};

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("webhook-subscriptions/", env!("CARGO_PKG_VERSION")));

/// How much memory is set aside for the length that a server announces, in bytes.
const TRUSTED: usize = 16 * 1024;

/// The parts of one attempt.
pub(super) struct Attempt<'a> {
    pub(super) operation: Operation,
    pub(super) request: &'a Request,
    pub(super) credential: Option<&'a Credential>,
    /// A shorter time than the HTTP client's own, if too little of the call's is left.
    pub(super) timeout: Option<Duration>,
    pub(super) response_limit: usize,
}

impl Attempt<'_> {
    /// Sends the request once. A status other than 2xx is an error.
    pub(super) async fn send(self, http: &HttpClients) -> Result<Response, Error> {
        let mut request = self.request.copy()?;
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, AGENT);
        if let Some(credential) = self.credential {
            headers.insert(AUTHORIZATION, credential.authorization());
        }
        if let Some(timeout) = self.timeout {
            *request.timeout_mut() = Some(timeout);
        }
        let response = http.execute(request, self.operation.idempotent).await;
        let response = response.map_err(|source| Error::no_response(self.operation, source))?;
        let response = read(response, self.response_limit, self.operation).await;
        if response.status.is_success() {
            Ok(response)
        } else {
            Err(Error::error_status(response))
        }
    }
}

/// Returns why a success isn't what the server meant to send: its body was cut or isn't JSON.
pub(super) fn why_unusable(response: &Response) -> Option<Unusable> {
    match response.received {
        Received::Cut => Some(Unusable::Incomplete),
        // Another attempt would bring as much.
        Received::UpTo(_) => None,
        Received::Whole => {
            let parsed = serde_json::from_slice::<IgnoredAny>(&response.body);
            let error = parsed.err()?;
            Some(Unusable::NotTheType(JsonFault::from(&error)))
        }
    }
}

/// Reads the whole body, or as much of it as comes, up to `limit` bytes.
///
/// Reading never fails. The status is known by now, and what the caller may conclude depends on it more than
/// on how much of the body arrived.
async fn read(mut response: reqwest::Response, limit: usize, operation: Operation) -> Response {
    let announced = response.content_length().unwrap_or_default();
    let capacity = usize::try_from(announced).unwrap_or(limit).min(limit);
    let mut headers = mem::take(response.headers_mut());
    detach(&mut headers);
    let mut body = ErasedBuf::with_capacity(capacity.min(TRUSTED));
    let mut cause = None;
    let received = loop {
        let room = limit - body.len();
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let is_too_large = chunk.len() > room;
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                erase(chunk);
                if is_too_large {
                    break Received::UpTo(limit);
                }
            }
            Ok(None) => break Received::Whole,
            Err(error) => {
                cause = Some(error.without_url());
                break Received::Cut;
            }
        }
    };
    Response {
        operation,
        status: response.status(),
        headers,
        body: body.into_inner(),
        received,
        cause,
        attempts: 1,
    }
}

/// Moves the values of these headers to a block of memory of their own.
///
/// hyper makes them slices of the block that it reads into, which also holds the body. Each of them would keep
/// a key in memory for as long as the caller keeps the headers.
fn detach(headers: &mut HeaderMap) {
    let mut block = BytesMut::with_capacity(headers.values().map(HeaderValue::len).sum());
    for value in headers.values() {
        block.extend_from_slice(value.as_bytes());
    }
    let mut block = block.freeze();
    for value in headers.values_mut() {
        // The bytes come from a valid value.
        if let Ok(detached) = HeaderValue::from_maybe_shared(block.split_to(value.len())) {
            *value = detached;
        }
    }
}

/// Overwrites a piece of a body if nothing else holds a part of hyper's block, which is then freed. Otherwise
/// hyper frees the block without overwriting it.
fn erase(piece: Bytes) {
    if let Ok(mut piece) = piece.try_into_mut() {
        piece.zeroize();
    }
}
