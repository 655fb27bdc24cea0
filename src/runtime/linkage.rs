//! The names that generated code links to, under the name `progenitor_client`.
//!
//! Generated code finds its runtime by name alone, so it gets this one, and all clients are right
//! by construction. [`ClientHooks`] is implemented once, for every generated client.

// Generated code re-exports some of these names, which asks for `pub`, and has no use for others.
#![allow(dead_code, unreachable_pub)]

use std::convert::Infallible;

use http::header::InvalidHeaderValue;
use percent_encoding::{utf8_percent_encode, AsciiSet, PercentEncode, NON_ALPHANUMERIC};
use serde::Serialize;

use super::call::call;
use super::connection::Connection;
use super::operation::Operation;
use super::request::{Request, RequestBuilder};
use super::response::Response;

pub use super::query::QueryParam;
pub use super::response_value::ResponseValue;

/// Generated code names the type of an error's body. Documented errors are out of its sight (see
/// `build/errors.rs`), so that type is always `()`, and every call has the one error of the crate.
pub type Error<Body = ()> = <Linkage as ErrorWith<Body>>::Error;

pub enum Linkage {}

/// Implemented once: that is how a bare `Error::…` of generated code knows which `Body` is meant.
pub trait ErrorWith<Body> {
    type Error;
}

impl ErrorWith<()> for Linkage {
    type Error = super::Error;
}

/// A body that is not JSON. No operation of this crate has one: an operation that did would not
/// compile, since nothing makes a value of this type.
pub enum ByteStream {}

/// What a generated client says about itself.
pub trait ClientInfo<Inner> {
    fn api_version() -> &'static str;
    fn baseurl(&self) -> &str;
    fn client(&self) -> &super::http_client::Client;
    fn inner(&self) -> &Inner;
}

pub struct OperationInfo {
    pub operation_id: &'static str,
}

/// The steps of a call that generated code leaves to its runtime; here the middle one does all.
pub trait ClientHooks<Inner>: ClientInfo<Inner> {
    async fn pre(&self, _: &mut Request, _: &OperationInfo) -> Result<(), Infallible> {
        Ok(())
    }

    async fn exec(&self, request: Request, info: &OperationInfo) -> Result<Response, super::Error>;

    async fn post<T>(&self, _: &T, _: &OperationInfo) -> Result<(), Infallible> {
        Ok(())
    }
}

impl<C: ClientInfo<Connection>> ClientHooks<Connection> for C {
    async fn exec(&self, request: Request, info: &OperationInfo) -> Result<Response, super::Error> {
        let connection = self.inner();
        let Connection {
            templates, quirks, ..
        } = connection;
        let operation = Operation::new(info.operation_id, &request.method, templates, quirks);
        #[cfg(feature = "testing")]
        if let Some(recorder) = &connection.recorder {
            return Err(recorder.record(&request, operation));
        }
        call(self.client(), connection, &request, operation).await
    }
}

impl From<Infallible> for super::Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A header parameter that cannot stand in a header.
impl From<InvalidHeaderValue> for super::Error {
    fn from(error: InvalidHeaderValue) -> Self {
        Self::not_built(error.into())
    }
}

/// Form bodies.
pub trait RequestBuilderExt: Sized {
    fn form_urlencoded<T: Serialize>(self, body: &T) -> Result<Self, Infallible>;
}

impl RequestBuilderExt for RequestBuilder {
    fn form_urlencoded<T: Serialize>(self, body: &T) -> Result<Self, Infallible> {
        Ok(self.form(body))
    }
}

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes one segment of a path.
pub fn encode_path(segment: &str) -> PercentEncode<'_> {
    utf8_percent_encode(segment, RESERVED)
}

/// What every facade is made of: the generated code, in a module that nothing else can name, and the
/// methods that all its clients have alike.
macro_rules! generated_client {
    ($file:literal, $quirks:expr) => {
        #[allow(
            missing_docs,
            unreachable_pub,
            unused_qualifications,
            rustdoc::all,
            clippy::all
        )]
        #[allow(clippy::unwrap_used)]
        mod generated {
            use crate::runtime::http_client as reqwest;
            use crate::runtime::linkage as progenitor_client;

            include!(concat!(env!("OUT_DIR"), "/", $file));
        }

        /// The operations, as typed mocks; see [`testing::mock`](crate::testing::mock).
        #[cfg(feature = "testing")]
        pub mod mocks {
            pub use super::generated::mocks::*;
        }

        impl Client {
            /// The same client, connections and all, with another policy: for one call, or for some.
            #[must_use]
            pub fn with_retry(&self, policy: $crate::RetryPolicy) -> Self {
                Self {
                    inner: self.inner.with_policy(policy),
                    ..self.clone()
                }
            }
        }

        impl $crate::ClientBuilder<Client> {
            /// Makes the client.
            ///
            /// # Errors
            ///
            /// A setting that is missing or cannot work; see [`BuildError`]($crate::BuildError).
            pub fn build(self) -> Result<Client, $crate::BuildError> {
                let (base_url, http, connection) = self.connect(generated::TEMPLATES, &$quirks)?;
                Ok(Client::new_with_client(&base_url, http, connection))
            }
        }
    };
}

pub(crate) use generated_client;
