//! What came back from one attempt.

use http::{HeaderMap, StatusCode};
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use super::error::{Error, Unusable};
use super::operation::Operation;
use crate::json_fault::JsonFault;

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

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The response, or an error if its body was cut or isn't JSON: not what the server meant to send.
    pub(super) fn whole_json(self) -> Result<Self, Error> {
        match self.received {
            Received::Cut => Err(Error::lost(self, Unusable::Incomplete)),
            // Another attempt would bring as much.
            Received::UpTo(_) => Ok(self),
            Received::Whole => match serde_json::from_slice::<IgnoredAny>(self.json()) {
                Ok(_) => Ok(self),
                Err(error) => {
                    let fault = JsonFault::from(&error);
                    Err(Error::lost(self, Unusable::NotTheType(fault)))
                }
            },
        }
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
