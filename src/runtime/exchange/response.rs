//! The response to one attempt.

use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use super::operation::Operation;

/// A response whose body has been read.
pub(crate) struct Response {
    pub(crate) operation: Operation,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Overwritten when dropped, since the body of a success holds a key.
    pub(crate) body: Zeroizing<Vec<u8>>,
    pub(crate) received: Received,
    /// Why the body was cut.
    pub(crate) cause: Option<reqwest::Error>,
    /// How often the request was sent, this time included.
    pub(crate) attempts: u32,
}

/// How much of a body was received.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    Whole,
    /// As many bytes as the limit allows. The body had more.
    UpTo(usize),
    /// The connection failed, or time ran out, before the end.
    Cut,
}

impl Response {
    /// Returns the status. Generated code calls this.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}
