//! One key, prepared.

use std::fmt;

use hmac::{KeyInit, Mac};

use super::scheme::Scheme;
use super::signature::Signature;
use crate::secret::Secret;

/// A key that verifies and signs the deliveries of one provider.
///
/// Its text is hashed once, when the key is made, and not kept. What is kept signs as well as the text
/// does: it is never printed, and its memory is overwritten when it is dropped.
///
/// ```
/// use webhook_subscriptions::verify::{Key, Ratepay};
/// use webhook_subscriptions::Secret;
///
/// let key = Key::<Ratepay>::new(&Secret::from("abc123"))?;
/// let signature = key.sign(br#"{"key":"value"}"#);
/// assert!(signature.to_string().starts_with("4c131d60"));
/// assert!(key.verify(br#"{"key":"value"}"#, &signature));
/// # Ok::<(), webhook_subscriptions::verify::WeakKey>(())
/// ```
#[derive(Clone)]
pub struct Key<S: Scheme>(S::Hmac);

impl<S: Scheme> Key<S> {
    /// Prepares a key: PandaDoc's `shared_key`, Ratepay's `secret`, as the text that it is.
    ///
    /// Spaces and line breaks around it count, as they do for the provider.
    ///
    /// # Errors
    ///
    /// It is empty, or nothing but white space and NUL: everybody could sign. (HMAC takes up to a block of
    /// NUL, 64 bytes for PandaDoc and 128 for Ratepay, for the empty key.)
    pub fn new(secret: &(impl AsRef<Secret> + ?Sized)) -> Result<Self, WeakKey> {
        let text = secret.as_ref().expose_secret();
        if text
            .chars()
            .all(|char| char.is_whitespace() || char == '\0')
        {
            return Err(WeakKey);
        }
        // HMAC takes keys of any length.
        let hmac = S::Hmac::new_from_slice(text.as_bytes()).map_err(|_| WeakKey)?;
        Ok(Self(hmac))
    }

    /// Whether this key made this signature of these bytes.
    ///
    /// `body` is the body as it was received. The time it takes depends on the length of the body alone.
    #[must_use]
    pub fn verify(&self, body: &[u8], signature: &Signature<S>) -> bool {
        let hmac = self.0.clone().chain_update(body);
        hmac.verify(&signature.0).is_ok()
    }

    /// The signature that the provider sends with this body. For tests and simulators.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> Signature<S> {
        let hmac = self.0.clone().chain_update(body);
        Signature(hmac.finalize().into_bytes())
    }
}

impl<S: Scheme> fmt::Debug for Key<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, [REDACTED])", S::FORM.provider)
    }
}

/// A key with which everybody could sign. Was a setting left empty?
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key that is empty, or nothing but white space and NUL: everybody could sign with it; see that the setting it comes from is set")]
#[non_exhaustive]
pub struct WeakKey;
