//! Why a client cannot be made.

use super::credential::InvalidCredential;

/// Why a client cannot be made. Nothing was sent; mend the setting and build again.
///
/// No message contains the value of a setting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Neither an environment nor a base URL was given.
    #[error("no server: call environment() or base_url()")]
    NoServer,
    /// No key or token was given.
    #[error("no credential: call api_key(), access_token() or credential_source()")]
    NoCredential,
    /// The credential cannot stand in an `Authorization` header, or not as it was meant.
    #[error(transparent)]
    InvalidCredential(#[from] InvalidCredential),
    /// The base URL is no `https` or `http` URL of scheme, host and path.
    #[error("base_url cannot be used: {0}; it must be like https://host or https://host/path")]
    InvalidBaseUrl(String),
    /// The base URL would carry the credential over a network in plain text.
    #[error("base_url must be https; plain http is for loopback addresses and localhost alone")]
    InsecureBaseUrl,
    /// The base URL is `https`, and this build of the crate has no TLS.
    #[error("https needs the feature `rustls` or `native-tls`, or TLS given to configure_http()")]
    NoTls,
    /// A time-out of zero would end every call before it starts.
    #[error("timeout() must be more than zero")]
    ZeroTimeout,
    /// The HTTP client cannot start: its TLS library found no certificates, for example.
    #[error("the HTTP client cannot be made")]
    HttpClient(#[source] reqwest::Error),
}
