//! The HTTP client, which generated code knows as `reqwest`.
//!
//! The client of reqwest is wrapped for three reasons:
//!
//! - The `Debug` of a generated client prints its fields, and reqwest prints default headers and proxies.
//! - No client follows a redirect or retries by itself, however its HTTP client is configured.
//! - A request is kept in a form from which it can be sent more than once.

// Public methods of a generated client name these types.
#![allow(unreachable_pub)]

use std::fmt;
use std::sync::Arc;

use http::Method;

use super::request_builder::RequestBuilder;
use crate::runtime::client::{BaseUrl, Transport};

/// The server of a client and the way to it. It prints neither.
#[derive(Clone)]
pub struct Client {
    base_url: Arc<BaseUrl>,
    transport: Transport,
}

/// The methods that generated code calls.
impl Client {
    pub fn get(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(&self.base_url, Method::GET, url)
    }

    pub fn patch(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(&self.base_url, Method::PATCH, url)
    }

    pub fn post(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(&self.base_url, Method::POST, url)
    }

    pub fn put(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(&self.base_url, Method::PUT, url)
    }

    pub fn delete(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(&self.base_url, Method::DELETE, url)
    }
}

impl Client {
    pub(super) fn new(base_url: BaseUrl, transport: Transport) -> Self {
        Self {
            base_url: base_url.into(),
            transport,
        }
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}
