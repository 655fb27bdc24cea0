//! Requests that are looked at and not sent: how a mock learns what to expect.

use std::sync::{Arc, Mutex, PoisonError};

use super::error::Error;
use super::operation::Operation;
use super::request::Request;

/// Keeps the requests of a client in place of sending them.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<Recorded>>>);

/// What would have been sent, without its credential.
pub(crate) struct Recorded {
    /// The name of the generated method.
    pub(crate) operation: &'static str,
    pub(crate) request: reqwest::Request,
}

impl Recorder {
    /// Takes the request, and ends the call.
    pub(super) fn record(&self, request: &Request, operation: Operation) -> Error {
        let request = match request.copy() {
            Ok(request) => request,
            Err(error) => return error,
        };
        let recorded = Recorded {
            operation: operation.id,
            request,
        };
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push(recorded);
        Error::not_built("it is only looked at".into())
    }

    /// What was recorded since the last time.
    pub(crate) fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
