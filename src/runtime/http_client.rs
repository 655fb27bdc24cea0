//! The HTTP client, under the name `reqwest` in generated code.
//!
//! A wrapper for three reasons. The `Debug` of a generated client prints what it holds, and reqwest
//! prints default headers and proxies. Whoever makes a client gets one that follows no redirect. And a
//! request is kept in a form from which it can be sent more than once.

// Public methods of a generated client name these types.
#![allow(unreachable_pub)]

use std::error::Error;
use std::fmt;
use std::time::Duration;

use http::Method;
use reqwest::redirect::Policy;

use super::request::RequestBuilder;

/// How long a connection may lie idle before it is not used again.
///
/// Shorter than servers usually wait before they close one (60 s and more). A request that is
/// written while the server closes its end is lost with an unknown outcome, which is what this crate
/// exists to avoid.
const IDLE: Duration = Duration::from_secs(20);

/// A `reqwest::Client` that does not print what it holds.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    follows_redirects: bool,
}

/// The methods that generated code calls.
impl Client {
    pub fn get(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(Method::GET, url)
    }

    pub fn patch(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(Method::PATCH, url)
    }

    pub fn post(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(Method::POST, url)
    }

    pub fn put(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(Method::PUT, url)
    }

    pub fn delete(&self, url: String) -> RequestBuilder {
        RequestBuilder::new(Method::DELETE, url)
    }
}

impl Client {
    pub(super) async fn execute(
        &self,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, Unanswered> {
        self.http
            .execute(request)
            .await
            .map_err(|error| Unanswered {
                was_sent: self.follows_redirects || was_sent(&error),
                error,
            })
    }
}

/// Why there is no response, and whether any of the request may have left.
pub(super) struct Unanswered {
    pub(super) error: reqwest::Error,
    pub(super) was_sent: bool,
}

/// A request that hyper hands back untouched ("canceled") has not left either: its connection was
/// closed by the server before a byte was written.
fn was_sent(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref().is_some_and(hyper::Error::is_canceled) {
            return false;
        }
        cause = error.source();
    }
    !(error.is_builder() || error.is_connect())
}

/// A client of the caller's.
///
/// Where it follows redirects, a request may have been answered with one before the connection
/// failed, and nothing that reqwest returns tells so. A client does not say what its policy is, but
/// prints it; a print that is not understood counts as one that follows.
impl From<reqwest::Client> for Client {
    fn from(http: reqwest::Client) -> Self {
        let follows_redirects = !format!("{http:?}").contains("Policy(None)");
        Self {
            http,
            follows_redirects,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

/// A `reqwest::ClientBuilder` with the settings of this crate.
pub struct ClientBuilder(reqwest::ClientBuilder);

impl ClientBuilder {
    pub fn new() -> Self {
        Self(
            reqwest::Client::builder()
                .redirect(Policy::none())
                .referer(false)
                // Another crate's features must not change what is sent, or the bytes that come.
                .no_gzip()
                .no_brotli()
                .no_zstd()
                .no_deflate()
                .pool_idle_timeout(IDLE),
        )
    }

    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self(self.0.connect_timeout(timeout))
    }

    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }

    /// Connects directly, whatever proxy the environment names.
    pub(super) fn without_proxy(self) -> Self {
        Self(self.0.no_proxy())
    }

    pub fn build(self) -> reqwest::Result<Client> {
        self.0.build().map(Into::into)
    }
}
