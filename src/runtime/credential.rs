//! What a request is authenticated with, and where that comes from.

use std::error::Error;
use std::fmt;
use std::future::{ready, Future};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// A future that can be sent to another thread, as an object-safe trait returns it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a request is authenticated with: a scheme (RFC 9110, section 11.1) and a key or token.
///
/// Never printed. Its memory is overwritten when its last clone is dropped, those in requests included. As a
/// [`CredentialSource`] it is one that stays the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(HeaderValue);

impl Credential {
    /// A PandaDoc API key, sent as `Authorization: API-Key <key>`.
    ///
    /// # Errors
    ///
    /// It is empty, or holds something other than visible ASCII characters.
    pub fn api_key(key: &Secret) -> Result<Self, InvalidCredential> {
        Self::new("API-Key", key)
    }

    /// A bearer token (RFC 6750), sent as `Authorization: Bearer <token>`.
    ///
    /// # Errors
    ///
    /// It is empty, or holds something other than visible ASCII characters.
    pub fn bearer(token: &Secret) -> Result<Self, InvalidCredential> {
        Self::new("Bearer", token)
    }

    fn new(scheme: &'static str, secret: &Secret) -> Result<Self, InvalidCredential> {
        let secret = secret.expose_secret();
        // Stricter than a header value must be. A line end that was read with a token from a file,
        // or the scheme pasted in front of it, would be sent and refused; better to hear it here.
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
        // Every request has the same block of memory, which is erased when the last of them is gone.
        let text = Zeroizing::new([scheme, secret].join(" "));
        let value = HeaderValue::from_maybe_shared(Bytes::from_owner(text));
        let mut value = value.map_err(|_| invalid)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// The value of the `Authorization` header, marked sensitive.
    pub(super) fn authorization(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// A key or token that cannot stand in an `Authorization` header, or not as it was meant. Nothing
/// was sent. The message does not contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credential cannot be sent: {0}")]
pub struct InvalidCredential(&'static str);

/// Where the credential of each request comes from.
///
/// A client asks before each attempt, so a source may change its answer at any time: read a file that
/// somebody else renews, or keep a token and renew it. Ratepay's client credentials
/// ([`ratepay::oauth::ClientCredentials`](crate::ratepay::oauth::ClientCredentials)) and PandaDoc's
/// refresh tokens ([`pandadoc::oauth::RefreshToken`](crate::pandadoc::oauth::RefreshToken)) are
/// sources; a [`Credential`] is one that stays the same.
///
/// ```
/// use webhook_subscriptions::{BoxFuture, Credential, CredentialError, CredentialSource, Secret};
///
/// struct File(std::path::PathBuf);
///
/// impl CredentialSource for File {
///     fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
///         Box::pin(async {
///             let token = std::fs::read_to_string(&self.0).map_err(CredentialError::new)?;
///             Credential::bearer(&Secret::from(token.trim_end())).map_err(CredentialError::new)
///         })
///     }
/// }
/// ```
pub trait CredentialSource: Send + Sync + 'static {
    /// The credential for a request that is sent now.
    ///
    /// # Errors
    ///
    /// There is none to be had. The call ends with [`ErrorKind::NoCredential`](crate::ErrorKind):
    /// nothing was sent.
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>>;

    /// Another credential in place of one that the server refused, or none if there is no other.
    ///
    /// Asked once in a call; the request is then sent once more. Many calls may ask about the same
    /// credential at the same time.
    ///
    /// # Errors
    ///
    /// There should be another, and it is not to be had.
    fn renew<'a>(
        &'a self,
        refused: &'a Credential,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        let _ = refused;
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
        refused: &'a Credential,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        (**self).renew(refused)
    }
}

/// Why there is no credential. Cheap to clone: all calls that waited for one renewal get the same.
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
        f.write_str("there is no credential to be had")
    }
}

impl Error for CredentialError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
