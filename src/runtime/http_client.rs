//! The HTTP client, under the name `reqwest` in generated code.
//!
//! A wrapper for three reasons. The `Debug` of a generated client prints its fields, and reqwest prints
//! default headers and proxies. No client follows a redirect or retries by itself, whoever configured
//! it. And a request is kept in a form from which it can be sent more than once.

// Public methods of a generated client name these types.
#![allow(unreachable_pub)]

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use reqwest::redirect::Policy;

use super::base_url::BaseUrl;
use super::request::RequestBuilder;

/// How long a connection may lie idle before it is not used again.
///
/// Shorter than servers usually wait before they close one (60 s and more). A request that is
/// written while the server closes its end is lost with an unknown outcome, which is what this crate
/// exists to avoid.
const IDLE: Duration = Duration::from_secs(20);

/// Two HTTP clients of the same settings, neither of which prints what it holds.
#[derive(Clone)]
pub struct Client {
    base_url: Arc<BaseUrl>,
    /// Keeps connections for the next request.
    keeping: reqwest::Client,
    /// Opens a connection for each request, and closes it after the response.
    fresh: reqwest::Client,
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
    /// Makes both clients. `configure` adds the caller's settings to the defaults of this crate.
    pub(super) fn new(
        base_url: BaseUrl,
        connect_timeout: Duration,
        configure: &dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> reqwest::Result<Self> {
        let builder = || {
            let defaults = reqwest::Client::builder()
                .pool_idle_timeout(IDLE)
                .connect_timeout(connect_timeout);
            fixed(configure(defaults), &base_url)
        };
        let keeping = builder().build()?;
        let fresh = builder().pool_max_idle_per_host(0).build()?;
        Ok(Self {
            base_url: base_url.into(),
            keeping,
            fresh,
        })
    }

    /// Sends a request.
    ///
    /// A request that must not be sent twice gets a connection of its own. On a kept one, the server may
    /// have left a response that nobody asked for, which would pass for the answer to this request.
    pub(super) async fn execute(
        &self,
        request: reqwest::Request,
        may_be_sent_twice: bool,
    ) -> Result<reqwest::Response, reqwest::Error> {
        match may_be_sent_twice {
            true => self.keeping.execute(request).await,
            false => self.fresh.execute(request).await,
        }
    }
}

/// Settings that what an error says of the server rests on. No caller can change them.
fn fixed(builder: reqwest::ClientBuilder, base_url: &BaseUrl) -> reqwest::ClientBuilder {
    let mut builder = builder
        .redirect(Policy::none())
        // reqwest would send a refused HTTP/2 stream again, unseen by `attempts()`.
        .retry(reqwest::retry::never())
        .http1_only()
        .referer(false)
        // Another crate's features must not change what is sent, or the bytes that come.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    if base_url.is_loopback() {
        // A proxy is another machine, and requests to loopback may be in plain text.
        builder = builder.no_proxy();
    }
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    if !base_url.is_https() {
        // Reading the system's certificates is most of the time that a client takes to build.
        builder = builder.tls_certs_only([]);
    }
    builder
}

/// Whether any of the request may have been sent before it failed.
///
/// A request that hyper hands back untouched ("canceled") wasn't: the server had closed its connection
/// before a byte was written.
pub(super) fn was_sent(error: &reqwest::Error) -> bool {
    let is_canceled = |cause: &(dyn Error + 'static)| {
        let cause = cause.downcast_ref::<hyper::Error>();
        cause.is_some_and(hyper::Error::is_canceled)
    };
    !(error.is_builder() || error.is_connect() || causes(error).any(is_canceled))
}

/// Whether a proxy rejected the tunnel to the server with status 407.
///
/// hyper-util doesn't export the type of this error, so its text has to do.
pub(super) fn proxy_wants_credentials(error: &reqwest::Error) -> bool {
    error.is_connect()
        && causes(error)
            .any(|cause| cause.to_string() == "tunnel error: proxy authorization required")
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}
