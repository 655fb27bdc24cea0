//! The credential of a request, and the source it comes from.

use std::error::Error;
use std::fmt;
use std::future::{ready, Future};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// A boxed future that can move to another thread, as the methods of object-safe traits return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A scheme (RFC 9110, section 11.1) and a key or token, as sent in the `Authorization` header.
///
/// A credential is never printed. Its memory is overwritten when its last clone is dropped, including the
/// clones in requests. As a [`CredentialSource`], it is a source that always returns itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(HeaderValue);

impl Credential {
    /// Makes a credential of a PandaDoc API key, sent as `Authorization: API-Key <key>`.
    ///
    /// # Errors
    ///
    /// Returns an error if the key is empty or holds anything but visible ASCII characters.
    pub fn api_key(key: impl Into<Secret>) -> Result<Self, InvalidCredential> {
        Self::new("API-Key", &key.into())
    }

    /// Makes a credential of a bearer token (RFC 6750), sent as `Authorization: Bearer <token>`.
    ///
    /// # Errors
    ///
    /// Returns an error if the token is empty or holds anything but visible ASCII characters.
    pub fn bearer(token: impl Into<Secret>) -> Result<Self, InvalidCredential> {
        Self::new("Bearer", &token.into())
    }

    fn new(scheme: &'static str, secret: &Secret) -> Result<Self, InvalidCredential> {
        let secret = secret.expose_secret();
        // Stricter than a header value must be. A line end read with a token from a file, or a scheme
        // pasted in front of it, would be sent and rejected. An error here says so earlier.
        if secret.is_empty() {
            return Err(InvalidCredential("it is empty"));
        }
        if secret.contains(char::is_whitespace) {
            return Err(InvalidCredential(
                "it contains white space; give the key or token alone, without line end or scheme",
            ));
        }
        let invalid = InvalidCredential("it contains a character that is not visible ASCII");
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid);
        }
        // All requests share one block of memory, which is erased when the last of them is gone.
        let text = Zeroizing::new([scheme, secret].join(" "));
        let value = HeaderValue::from_maybe_shared(Bytes::from_owner(text));
        let mut value = value.map_err(|_| invalid)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// Returns the value of the `Authorization` header, marked sensitive.
    pub(crate) fn authorization(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// A key or token that can't be sent in an `Authorization` header, or probably isn't what was meant.
///
/// Nothing was sent. The message doesn't contain the key or token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credential cannot be sent: {0}")]
pub struct InvalidCredential(&'static str);

/// Supplies the credential of each request.
///
/// A client asks before each attempt, so a source may change its answer at any time. It can read a file
/// that another process renews, or keep a token and renew it. This crate has three sources:
///
/// - [`ratepay::oauth::ClientCredentials`](crate::ratepay::oauth::ClientCredentials), Ratepay's client
///   credentials;
/// - [`pandadoc::oauth::RefreshToken`](crate::pandadoc::oauth::RefreshToken), PandaDoc's refresh tokens;
/// - a [`Credential`], which stays the same.
///
/// ```
/// use webhook_subscriptions::{BoxFuture, Credential, CredentialError, CredentialSource};
///
/// struct File(std::path::PathBuf);
///
/// impl CredentialSource for File {
///     fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
///         Box::pin(async {
///             let token = std::fs::read_to_string(&self.0).map_err(CredentialError::new)?;
///             Credential::bearer(token.trim_end()).map_err(CredentialError::new)
///         })
///     }
/// }
/// ```
pub trait CredentialSource: Send + Sync + 'static {
    /// Returns the credential for a request that is sent now.
    ///
    /// # Errors
    ///
    /// Returns an error if no credential can be obtained. The call then ends with
    /// [`ErrorKind::NoCredential`](crate::ErrorKind::NoCredential), and nothing is sent.
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>>;

    /// Returns another credential in place of one that the server rejected, or `None` if there is no other.
    ///
    /// A call asks once, and then sends its request once more. Many calls may ask about the same credential
    /// at the same time.
    ///
    /// # Errors
    ///
    /// Returns an error if there should be another credential and it can't be obtained.
    fn renew<'a>(
        &'a self,
        rejected: &'a Credential,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        let _ = rejected;
        Box::pin(ready(Ok(None)))
    }
}

impl CredentialSource for Credential {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
        Box::pin(ready(Ok(self.clone())))
    }
}

impl<S: CredentialSource + ?Sized> CredentialSource for Arc<S> {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
        (**self).credential()
    }

    fn renew<'a>(
        &'a self,
        rejected: &'a Credential,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        (**self).renew(rejected)
    }
}

/// The reason why a credential couldn't be obtained.
///
/// Cheap to clone: all calls that waited for one renewal get the same error.
#[derive(Clone)]
pub struct CredentialError(Arc<dyn Error + Send + Sync>);

impl CredentialError {
    /// Wraps the cause, whose `Display` and `Debug` must not print a secret.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into().into())
    }
}

impl fmt::Debug for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CredentialError").field(&self.0).finish()
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("couldn't obtain a credential")
    }
}

impl Error for CredentialError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
