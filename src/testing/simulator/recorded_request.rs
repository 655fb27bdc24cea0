//! A request to a simulator, and its result.

use std::fmt;

use http::{Method, StatusCode};

use crate::testing::faults::request_fault::FaultEffect;
use crate::testing::operation::Operation;

/// A request to a [`Simulator`](crate::testing::Simulator), and its result.
///
/// `Display` writes one line without query, key or token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method of the request.
    pub method: Method,
    /// The path, without the query.
    pub path: String,
    /// The operation, if the method and path have one.
    pub operation: Option<Operation>,
    /// The status of the response, or `None` if the connection was closed without one.
    pub status: Option<StatusCode>,
    /// The effect of a fault on the request, if there was one.
    pub fault: Option<FaultEffect>,
}

impl fmt::Display for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> ", self.method, self.path)?;
        match (&self.fault, self.status) {
            (Some(effect), _) => write!(f, "{effect}")?,
            (None, Some(status)) => write!(f, "{status}")?,
            (None, None) => write!(f, "closed")?,
        }
        match self.operation {
            Some(operation) => write!(f, " ({operation})"),
            None => Ok(()),
        }
    }
}
