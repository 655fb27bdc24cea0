//! The two crates that generated code links to: `progenitor_client`, which is this module, and [`reqwest`].
//!
//! Generated code finds its runtime by name alone, so it gets this one, and every client is right by
//! construction. [`ClientHooks`] is implemented once, for all generated clients.

// Generated code re-exports some of these names, which requires `pub`, and doesn't use others.
#![allow(dead_code, unreachable_pub)]

mod open_enum;
mod request_builder;
pub(crate) mod reqwest;
mod response_value;

use percent_encoding::{utf8_percent_encode, AsciiSet, PercentEncode, NON_ALPHANUMERIC};
use serde::Serialize;

use super::call::call;
use super::client::{BuildError, ClientBuilder, ClientState, Request};
use super::error::{self, Unusable};
use super::exchange::{Operation, Quirks, Response, Templates};
use request_builder::RequestBuilder;
use response_value::unusable;

/// The error of every call. Generated code makes one for a status that it doesn't know.
pub use super::error::Error;
pub use request_builder::QueryParam;
pub use response_value::ResponseValue;

pub(crate) use open_enum::open_enum;

/// A body that isn't JSON. No operation of this crate has one. An operation that had one wouldn't compile,
/// since nothing makes a value of this type.
pub enum ByteStream {}

/// The parts of a generated client, for the hooks.
pub trait ClientInfo<Inner> {
    fn api_version() -> &'static str;
    fn baseurl(&self) -> &str;
    fn client(&self) -> &reqwest::Client;
    fn inner(&self) -> &Inner;
}

pub struct OperationInfo {
    pub operation_id: &'static str,
}

/// The steps of a call that generated code leaves to its runtime. Here `exec` does everything.
pub trait ClientHooks<Inner>: ClientInfo<Inner> {
    async fn pre(&self, _: &mut Request, _: &OperationInfo) -> Result<(), error::Error> {
        Ok(())
    }

    async fn exec(&self, request: Request, info: &OperationInfo) -> Result<Response, error::Error>;

    async fn post<T>(&self, _: &T, _: &OperationInfo) -> Result<(), error::Error> {
        Ok(())
    }
}

impl<C: ClientInfo<ClientState>> ClientHooks<ClientState> for C {
    async fn exec(&self, request: Request, info: &OperationInfo) -> Result<Response, error::Error> {
        let state = self.inner();
        let operation = Operation::new(
            info.operation_id,
            &request.method,
            state.templates,
            state.quirks,
        );
        call(self.client().transport(), state, &request, operation).await
    }
}

impl error::Error {
    /// Makes the error of a success that the operation doesn't document. Generated code calls it by this
    /// name, for every status that it doesn't know; [`call`] returns only successes.
    #[allow(non_snake_case)]
    pub(crate) fn UnexpectedResponse(response: Response) -> Self {
        unusable(response, Unusable::Undocumented)
    }
}

/// Form bodies.
pub trait RequestBuilderExt: Sized {
    fn form_urlencoded<T: Serialize>(self, body: &T) -> Result<Self, error::Error>;
}

impl RequestBuilderExt for RequestBuilder {
    fn form_urlencoded<T: Serialize>(self, body: &T) -> Result<Self, error::Error> {
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

/// Makes the parts of a generated client: its base URL, its HTTP client and its state.
pub(crate) fn connect<C>(
    builder: ClientBuilder<C>,
    templates: Templates,
    quirks: &'static Quirks,
) -> Result<(String, reqwest::Client, ClientState), BuildError> {
    let (base_url, transport, state) = builder.into_parts(templates, quirks)?;
    let url = base_url.as_str().to_owned();
    Ok((url, reqwest::Client::new(base_url, transport), state))
}

/// Makes a facade: the generated code, in a private module, and the methods that all clients have.
macro_rules! generated_client {
    ($file:literal, $quirks:expr) => {
        #[allow(unreachable_pub, unused_qualifications, rustdoc::all, clippy::all)]
        #[allow(clippy::unwrap_used)]
        mod generated {
            use crate::runtime::progenitor_client::{self, reqwest};

            include!(concat!(env!("OUT_DIR"), "/", $file));
        }

        impl Client {
            /// Returns the same client with another policy, for one call or for some. It shares the
            /// connections, the credential and the rate limit.
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
            /// Returns an error if a setting is missing or can't work; see
            /// [`BuildError`](crate::BuildError).
            pub fn build(self) -> Result<Client, $crate::BuildError> {
                let (base_url, http, state) = $crate::runtime::progenitor_client::connect(
                    self,
                    generated::TEMPLATES,
                    &$quirks,
                )?;
                Ok(Client::new_with_client(&base_url, http, state))
            }
        }
    };
}

pub(crate) use generated_client;
