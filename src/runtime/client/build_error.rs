//! Why a client can't be made.

use crate::auth::InvalidCredential;
use crate::runtime::error::BoxError;

/// A client can't be made. Nothing was sent; fix the setting and build again.
///
/// The messages don't contain the value of a setting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Neither an environment nor a base URL was given.
    #[error("no server: call environment() or base_url()")]
    NoServer,
    /// No key or token was given.
    #[error("no credential: call api_key(), access_token() or credential_source()")]
    NoCredential,
    /// The credential can't be sent in an `Authorization` header, or probably isn't what was meant.
    #[error(transparent)]
    InvalidCredential(#[from] InvalidCredential),
    /// The base URL isn't an `https` or `http` URL of scheme, host and path.
    #[error("base_url cannot be used: {0}; it must be like https://host or https://host/path")]
    InvalidBaseUrl(String),
    /// The base URL would carry the credential over a network in plain text.
    #[error(
        "base_url must be https; plain http is allowed only to loopback addresses and localhost"
    )]
    InsecureBaseUrl,
    /// The base URL is `https`, and this build of the crate has no TLS.
    #[error("https needs the feature `rustls` or `native-tls`, or TLS given to configure_http()")]
    NoTls,
    /// A time-out of zero would end every call before it starts.
    #[error("timeout() must be more than zero")]
    ZeroTimeout,
    /// The HTTP client can't start, for example because its TLS library found no certificates. The source is
    /// the HTTP client's own error.
    #[error("the HTTP client cannot be made; its source says why")]
    HttpClient(#[source] BoxError),
}
