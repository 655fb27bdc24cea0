//! How a client is made.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::base_url::BaseUrl;
use super::build_error::BuildError;
use super::retry_policy::RetryPolicy;
use super::state::{ClientState, Credentials, SharedState};
use super::transport::{HttpClients, Transport};
use crate::auth::{Credential, CredentialSource, InvalidCredential};
use crate::runtime::exchange::{Quirks, Templates};
use crate::secret::Secret;

/// How long one attempt may take, from its start to the last byte of the response.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long making a connection may take, name look-up and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest response body that is read, in bytes.
const RESPONSE_LIMIT: usize = 1024 * 1024;

type Configure = Box<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// Makes a client: [`pandadoc::Client`](crate::pandadoc::Client),
/// [`ratepay::Client`](crate::ratepay::Client), or the client of a token endpoint.
///
/// `build()` checks every setting, so the setters chain. A credential is required, except for the client of a token
/// endpoint. A Ratepay client also needs an `environment`. The other settings have defaults, which the guide
/// [Calls](crate::docs::calls) lists.
///
/// ```no_run
/// use std::time::Duration;
/// use webhook_subscriptions::{pandadoc, ratepay, RetryPolicy};
///
/// # fn build() -> Result<(), Box<dyn std::error::Error>> {
/// let pandadoc = pandadoc::Client::builder()
///     .api_key(std::env::var("PANDADOC_API_KEY")?)
///     .timeout(Duration::from_secs(10))
///     .retry(RetryPolicy::default().attempts(2))
///     .build()?;
///
/// let environment = ratepay::Environment::Integration;
/// let secret = std::env::var("RATEPAY_CLIENT_SECRET")?;
/// let credentials = ratepay::oauth::ClientCredentials::new(environment, "my-client-id", secret)?;
/// let ratepay = ratepay::Client::builder()
///     .environment(environment)
///     .credential_source(credentials)
///     .build()?;
/// # Ok(()) }
/// ```
///
/// # The runtime
///
/// A client can be built anywhere. A call panics outside a tokio runtime with I/O and time enabled.
pub struct ClientBuilder<C> {
    pub(crate) server: Option<&'static str>,
    credentials: Option<Result<Credentials, InvalidCredential>>,
    base_url: Option<String>,
    configure_http: Option<Configure>,
    timeout: Duration,
    response_limit: usize,
    policy: RetryPolicy,
    jitter: fastrand::Rng,
    transport: Option<Transport>,
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
            transport: None,
            makes: PhantomData,
        }
    }

    /// Authenticates with a bearer token (RFC 6750), sent as `Authorization: Bearer <token>`.
    ///
    /// The token is Ratepay's JSON Web Token, or PandaDoc's OAuth 2.0 access token in place of an API key. It
    /// isn't renewed.
    #[must_use]
    pub fn access_token(self, token: impl Into<Secret>) -> Self {
        self.fixed(Credential::bearer(token))
    }

    /// Authenticates with the credential that this source returns, asked before each attempt.
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

    /// Sets how often and for how long a call is retried. The default is [`RetryPolicy::default`].
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Makes the random part of back-offs the same at each run. For this crate's own tests.
    #[doc(hidden)]
    #[must_use]
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter = fastrand::Rng::with_seed(seed);
        self
    }

    /// Sends requests to this URL instead of the provider: to a mock, a simulator or a gateway.
    ///
    /// The URL must be `https`, without user information, query and fragment. `http` is allowed to a loopback
    /// address and to `localhost`. A path in it is put before the operations' paths.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Adds settings of the HTTP client: a proxy, a certificate, a name resolver, time-outs.
    ///
    /// `configure` gets reqwest's builder with the defaults of this crate. It is called twice: requests that
    /// must not be sent twice have an HTTP client of their own, which opens a connection for each.
    ///
    /// reqwest 0.13 is a public dependency of this crate, because of this method alone. A new major version of
    /// reqwest is a new major version of this crate.
    ///
    /// Some settings can't be changed, since the meaning of an [`Error`](crate::Error) depends on them:
    ///
    /// - No redirect is followed, and reqwest retries nothing.
    /// - Requests are HTTP/1.1, and bodies aren't decompressed.
    /// - Requests to a loopback address or `localhost` don't go through a proxy. They may be in plain text, and
    ///   a proxy is another machine.
    /// - `connection_verbose` has no effect, since it would log keys.
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

    /// Sets how long one attempt may take, from its start to the last byte of the response. The default is 30
    /// seconds. [`RetryPolicy::deadline`] limits the whole call, with its retries.
    ///
    /// Making the connection may take half of this time, and 10 seconds at the most. So a server that can't be
    /// reached shows as [`Outcome::NotSent`](crate::Outcome::NotSent). If the policy's deadline is shorter than
    /// this time, the connection may take half of the deadline. A call under another policy with a still shorter
    /// deadline may end as [`Outcome::Unknown`](crate::Outcome::Unknown) instead.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the largest response body that is read, in bytes. The default is 1 MiB (1,048,576).
    #[must_use]
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = bytes;
        self
    }

    /// Replaces the HTTP clients that the settings describe.
    pub(super) fn transport(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Checks the settings, and makes the parts of a generated client.
    pub(crate) fn into_parts(
        self,
        templates: Templates,
        quirks: &'static Quirks,
    ) -> Result<(BaseUrl, Transport, ClientState), BuildError> {
        let base_url = self.base_url.as_deref().or(self.server);
        let base_url = BaseUrl::parse(base_url.ok_or(BuildError::NoServer)?)?;
        let credentials = self.credentials.ok_or(BuildError::NoCredential)??;
        if self.timeout.is_zero() {
            return Err(BuildError::ZeroTimeout);
        }
        // A call that has less time than an attempt must learn within that time that it can't connect.
        let shortest = self.timeout.min(self.policy.deadline);
        let connect_timeout = CONNECT_TIMEOUT.min(shortest / 2);
        let state = ClientState {
            timeout: self.timeout,
            connect_timeout,
            response_limit: self.response_limit,
            policy: self.policy,
            templates,
            quirks,
            shared: SharedState::new(&base_url, credentials, self.jitter).into(),
        };
        let transport = match (self.transport, self.configure_http) {
            (Some(transport), _) => transport,
            (None, Some(configure)) => http(&base_url, &state, &configure)?,
            (None, None) if base_url.is_https() && !HAS_TLS => return Err(BuildError::NoTls),
            (None, None) => http(&base_url, &state, &|http| http)?,
        };
        Ok((base_url, transport, state))
    }
}

fn http(
    base_url: &BaseUrl,
    state: &ClientState,
    configure: &dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> Result<Transport, BuildError> {
    let clients = HttpClients::new(base_url, state, configure);
    let clients = clients.map_err(|error| BuildError::HttpClient(error.into()))?;
    Ok(Transport::Http(clients))
}

const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// Prints no setting, since each may be a secret.
impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}
