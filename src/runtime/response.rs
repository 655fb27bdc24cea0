//! What came back from one attempt.

use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use super::operation::Operation;

/// A response, read.
pub struct Response {
    pub(super) operation: Operation,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Overwritten when dropped: the body of a success holds a key.
    pub(super) body: Zeroizing<Vec<u8>>,
    pub(super) received: Received,
    /// Why the body was cut.
    pub(super) cause: Option<reqwest::Error>,
    /// How often the request was sent, this time included.
    pub(super) attempts: u32,
}

/// How much of a body was received.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    Whole,
    /// As many bytes as may be read; there were more.
    UpTo(usize),
    /// The connection failed, or time ran out, before the end.
    Cut,
}

impl Response {
    /// The status. Generated code asks for it.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}
