//! The transport of a client's requests, chosen when the client is built.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;

use super::base_url::BaseUrl;
use super::request::Request;
use super::state::ClientState;
use crate::runtime::error::Error;
use crate::runtime::exchange::Operation;

/// How long a connection may be idle before it is no longer used.
///
/// This is shorter than servers usually wait before they close one (60 s and more). A request that is written
/// while the server closes its end is lost with an unknown outcome, which this crate exists to avoid.
const IDLE: Duration = Duration::from_secs(20);

/// Keeps a request, and returns the error that ends the call.
pub(super) type Record = Arc<dyn Fn(&Request, Operation) -> Error + Send + Sync>;

/// The transport of a client's requests: the network, or a recorder for mocks.
#[derive(Clone)]
pub(crate) enum Transport {
    Http(HttpClients),
    /// Requests are kept and not sent.
    Recorder(Record),
}

impl Transport {
    /// Returns the HTTP clients. A recorder keeps the request instead, and ends the call with an error.
    pub(crate) fn http_or_record(
        &self,
        request: &Request,
        operation: Operation,
    ) -> Result<&HttpClients, Error> {
        match self {
            Self::Http(http) => Ok(http),
            Self::Recorder(recorder) => Err(recorder(request, operation)),
        }
    }
}

/// Two HTTP clients with the same settings.
#[derive(Clone)]
pub(crate) struct HttpClients {
    /// Keeps connections for the next request.
    keeping: reqwest::Client,
    /// Opens a connection for each request, and closes it after the response.
    fresh: reqwest::Client,
}

impl HttpClients {
    /// Makes both clients. `configure` adds the caller's settings to the defaults of this crate.
    pub(super) fn new(
        base_url: &BaseUrl,
        state: &ClientState,
        configure: &dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> reqwest::Result<Self> {
        let builder = || {
            let defaults = reqwest::Client::builder()
                .pool_idle_timeout(IDLE)
                .connect_timeout(state.connect_timeout);
            // Here and not in each request: a time-out in a request takes three allocations.
            fixed(configure(defaults), base_url).timeout(state.timeout)
        };
        Ok(Self {
            keeping: builder().build()?,
            fresh: builder().pool_max_idle_per_host(0).build()?,
        })
    }

    /// Sends a request.
    ///
    /// A request that must not be sent twice gets a connection of its own. On a kept one, the server may have
    /// left an unrequested response, which would be taken for the answer to this request.
    pub(crate) async fn execute(
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

/// Applies the settings on which the meaning of an error depends, or that keep secrets out of logs. No caller can
/// change them.
fn fixed(builder: reqwest::ClientBuilder, base_url: &BaseUrl) -> reqwest::ClientBuilder {
    let mut builder = builder
        .redirect(Policy::none())
        // reqwest would retry a refused HTTP/2 stream, and `attempts()` wouldn't count it.
        .retry(reqwest::retry::never())
        .http1_only()
        .referer(false)
        // Verbose connections would log the bytes of every request and response, keys included.
        .connection_verbose(false)
        // Another crate's features must not change the bytes that are sent or received.
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
        // Reading the system's certificates takes most of the time of building a client.
        builder = builder.tls_certs_only([]);
    }
    builder
}
