//! How a client is made.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::base_url::BaseUrl;
use super::build_error::BuildError;
use super::connection::{Connection, Credentials, Shared};
use super::credential::{Credential, CredentialSource, InvalidCredential};
use super::http_client;
use super::operation::Templates;
use super::quirks::Quirks;
use super::retry::RetryPolicy;
use crate::secret::Secret;

/// How long one attempt may take, from its start to the last byte of the response.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection may take to stand, name look-up and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest response body that is read, in bytes.
const RESPONSE_LIMIT: usize = 1024 * 1024;

type Configure = Box<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// Makes a client: [`pandadoc::Client`](crate::pandadoc::Client),
/// [`ratepay::Client`](crate::ratepay::Client), or the client of a token endpoint.
///
/// Every setting is checked by `build()`, so that the setters chain.
pub struct ClientBuilder<C> {
    pub(crate) server: Option<&'static str>,
    credentials: Option<Result<Credentials, InvalidCredential>>,
    base_url: Option<String>,
    configure_http: Option<Configure>,
    timeout: Duration,
    response_limit: usize,
    policy: RetryPolicy,
    jitter: fastrand::Rng,
    #[cfg(feature = "testing")]
    recorder: Option<super::recorder::Recorder>,
    makes: PhantomData<fn() -> C>,
}

impl<C> ClientBuilder<C> {
    pub(crate) fn new(server: Option<&'static str>) -> Self {
        Self {
            server,
            credentials: None,
            base_url: None,
            configure_http: None,
            timeout: TIMEOUT,
            response_limit: RESPONSE_LIMIT,
            policy: RetryPolicy::default(),
            jitter: fastrand::Rng::new(),
            #[cfg(feature = "testing")]
            recorder: None,
            makes: PhantomData,
        }
    }

    /// Authenticates with a bearer token (RFC 6750), sent as `Authorization: Bearer <token>`:
    /// Ratepay's JSON Web Token, or PandaDoc's OAuth 2.0 access token in place of an API key. It is
    /// not renewed.
    #[must_use]
    pub fn access_token(self, token: impl Into<Secret>) -> Self {
        self.fixed(Credential::bearer(&token.into()))
    }

    /// Authenticates with whatever this source has at the time.
    #[must_use]
    pub fn credential_source(mut self, source: impl CredentialSource) -> Self {
        self.credentials = Some(Ok(Credentials::Source(Box::new(source))));
        self
    }

    pub(crate) fn fixed(mut self, credential: Result<Credential, InvalidCredential>) -> Self {
        self.credentials = Some(credential.map(Credentials::Fixed));
        self
    }

    pub(crate) fn without_credential(mut self) -> Self {
        self.credentials = Some(Ok(Credentials::None));
        self
    }

    /// How often and for how long a call is sent again. [`RetryPolicy::default`] unless set.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Where the random part of back-offs comes from, so that a test can repeat itself. Random unless
    /// set.
    #[must_use]
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter = fastrand::Rng::with_seed(seed);
        self
    }

    /// Sends requests here and not to the provider: to a mock, a simulator or a gateway.
    ///
    /// An `https` URL without user information, query and fragment; `http` is allowed to a loopback
    /// address and to `localhost`. A path is put in front of the operations' paths.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Adds settings of the HTTP client: a proxy, a certificate, a name resolver, time-outs.
    ///
    /// `configure` is given reqwest 0.13's builder with the defaults of this crate. It is called twice:
    /// requests that must not be sent twice have an HTTP client of their own, which opens a connection for
    /// each.
    ///
    /// Some settings are not the caller's, since what an [`Error`](crate::Error) says of the server rests
    /// on them: no redirect is followed, reqwest retries nothing, requests are HTTP/1.1, and bodies are not
    /// decompressed. Requests to a loopback address or `localhost` go through no proxy: they may be in
    /// plain text, and a proxy is another machine. `connection_verbose` has no effect, since it would log keys.
    ///
    /// ```
    /// use webhook_subscriptions::pandadoc;
    ///
    /// # fn build() -> Result<pandadoc::Client, Box<dyn std::error::Error>> {
    /// let proxy = reqwest::Proxy::https("http://proxy.example:3128")?;
    /// let client = pandadoc::Client::builder()
    ///     .api_key("my-key")
    ///     .configure_http(move |http| http.proxy(proxy.clone()))
    /// #   .base_url("http://127.0.0.1:1")
    ///     .build()?;
    /// # Ok(client)
    /// # }
    /// # build().unwrap();
    /// ```
    #[must_use]
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.configure_http = Some(Box::new(configure));
        self
    }

    /// How long one attempt may take, from its start to the last byte of the response. 30 seconds
    /// unless set. The whole call, with its repeats, has [`RetryPolicy::deadline`].
    ///
    /// Up to half of it, and 10 seconds at the most, may go by before the connection stands, so that
    /// a server that cannot be reached shows as [`Outcome::NotSent`](crate::Outcome::NotSent). (Where
    /// the policy's deadline is shorter, half of that. A call under another policy of a shorter one may
    /// end as [`Outcome::Unknown`](crate::Outcome::Unknown) instead.)
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The largest response body that is read, in bytes. 1 MiB (1,048,576) unless set.
    #[must_use]
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = bytes;
        self
    }

    /// A client that sends nothing.
    #[cfg(feature = "testing")]
    pub(crate) fn recording(server: &'static str, recorder: super::recorder::Recorder) -> Self {
        Self {
            recorder: Some(recorder),
            ..Self::new(Some(server)).without_credential()
        }
    }

    /// What a generated client is made of.
    pub(crate) fn connect(
        self,
        templates: Templates,
        quirks: &'static Quirks,
    ) -> Result<(String, http_client::Client, Connection), BuildError> {
        let base_url = self.base_url.as_deref().or(self.server);
        let base_url = BaseUrl::parse(base_url.ok_or(BuildError::NoServer)?)?;
        let credentials = self.credentials.ok_or(BuildError::NoCredential)??;
        if self.timeout.is_zero() {
            return Err(BuildError::ZeroTimeout);
        }
        // A call that has less time than an attempt must find out in that time that it cannot connect.
        let shortest = self.timeout.min(self.policy.deadline);
        let connect_timeout = CONNECT_TIMEOUT.min(shortest / 2);
        let connection = Connection {
            timeout: self.timeout,
            connect_timeout,
            response_limit: self.response_limit,
            policy: self.policy,
            templates,
            quirks,
            shared: Shared::new(&base_url, credentials, self.jitter).into(),
            #[cfg(feature = "testing")]
            recorder: self.recorder,
        };
        let url = base_url.as_str().to_owned();
        let http = match self.configure_http {
            Some(configure) => http_client::Client::new(base_url, connect_timeout, &configure),
            None if base_url.is_https() && !HAS_TLS => return Err(BuildError::NoTls),
            None => http_client::Client::new(base_url, connect_timeout, &|http| http),
        };
        Ok((url, http.map_err(BuildError::HttpClient)?, connection))
    }
}

const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// Tells nothing of what it was given: any of it may be a secret.
impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}
