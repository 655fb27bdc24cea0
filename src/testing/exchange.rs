//! A request and what became of it.

use std::fmt;

use http::{Method, StatusCode};

use super::fault::FaultEffect;
use super::operation::Operation;

/// A request to a [`Simulator`](super::Simulator), and what became of it. `Display` is one line
/// without query, key or token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exchange {
    /// The method of the request.
    pub method: Method,
    /// Its path, without the query.
    pub path: String,
    /// The operation that it was for, if it was for one.
    pub operation: Option<Operation>,
    /// The status of the answer; none where the connection was closed without an answer.
    pub status: Option<StatusCode>,
    /// What a fault did about it.
    pub fault: Option<FaultEffect>,
}

impl fmt::Display for Exchange {
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
