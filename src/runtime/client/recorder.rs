//! The recorder of requests, from which a mock learns what to expect. Only the feature `testing` makes one.

use std::sync::{Arc, Mutex, PoisonError};

use super::builder::ClientBuilder;
use super::request::Request;
use super::transport::Transport;
use crate::runtime::error::Error;
use crate::runtime::exchange::Operation;

/// Keeps the requests of a client and sends none.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<Recorded>>>);

/// A request that would have been sent, without its credential.
pub(crate) struct Recorded {
    /// The name of the generated method.
    pub(crate) operation: &'static str,
    pub(crate) request: reqwest::Request,
}

impl Recorder {
    /// Starts a client that sends nothing.
    pub(crate) fn client<C>(self, server: &'static str) -> ClientBuilder<C> {
        let record = move |request: &Request, operation| self.record(request, operation);
        ClientBuilder::new(Some(server))
            .without_credential()
            .transport(Transport::Recorder(Arc::new(record)))
    }

    /// Keeps the request, and returns the error that ends the call.
    fn record(&self, request: &Request, operation: Operation) -> Error {
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
        Error::not_built("a mock records this request and sends nothing".into())
    }

    /// Returns the requests that were recorded since the last time.
    pub(crate) fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
