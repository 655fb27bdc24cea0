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

    /// The JSON of the result.
    ///
    /// Where a result may be missing, its type is an `Option`, which would read null at any status. So null
    /// stands for a body that the document does not promise at this status, and there alone.
    pub(super) fn json(&self) -> &[u8] {
        let without_body = self.operation.without_body;
        if without_body.is_empty() {
            return &self.body;
        }
        let may_be_missing = without_body.contains(&self.status.as_u16());
        match self.body.trim_ascii() {
            b"" if may_be_missing => b"null",
            b"null" if !may_be_missing => b"",
            _ => &self.body,
        }
    }
}
