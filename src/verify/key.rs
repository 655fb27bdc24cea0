//! One key, prepared.

use std::fmt;

use hmac::{KeyInit, Mac};
use icu_properties::props::{BinaryProperty, DefaultIgnorableCodePoint};

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
    /// Spaces, line breaks and invisible characters in it count, as they do for the provider.
    ///
    /// # Errors
    ///
    /// It is empty, or nobody can see a character of it, so that anybody could sign. Characters that can't
    /// be seen are those that Unicode lists as `White_Space`, as controls (`Cc`, NUL among them) and as
    /// `Default_Ignorable_Code_Point`, such as U+200B and U+FEFF. A key that has others too is accepted
    /// with them, since the provider signs with all of its characters.
    ///
    /// HMAC can't tell up to a block of NUL, 64 bytes for PandaDoc and 128 for Ratepay, from the empty key.
    pub fn new(secret: &(impl AsRef<Secret> + ?Sized)) -> Result<Self, WeakKey> {
        let text = secret.as_ref().expose_secret();
        if text.chars().all(is_invisible) {
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

fn is_invisible(char: char) -> bool {
    char.is_whitespace() || char.is_control() || DefaultIgnorableCodePoint::for_char(char)
}

impl<S: Scheme> fmt::Debug for Key<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, [REDACTED])", S::FORM.provider)
    }
}

/// A key with which anybody could sign. Was a setting left empty?
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key is empty, or all of its characters are invisible, so anybody could sign with it; check the setting it comes from")]
#[non_exhaustive]
pub struct WeakKey;
