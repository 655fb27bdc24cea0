//! A signing key, ready for use.

use std::fmt;

use hmac::{KeyInit, Mac};
use icu_properties::props::{BinaryProperty, DefaultIgnorableCodePoint};

use super::scheme::{Scheme, Signature};
use crate::secret::Secret;

/// A key that verifies and signs the deliveries of one provider.
///
/// The text of the key is hashed once, when the key is made, and not kept. The hash can sign as well as the text
/// can, so it is never printed, and its memory is overwritten when it is dropped.
///
/// ```
/// use webhook_subscriptions::verify::{Key, Ratepay};
///
/// let key = Key::<Ratepay>::new("abc123")?;
/// let signature = key.sign(br#"{"key":"value"}"#);
/// assert!(signature.to_string().starts_with("4c131d60"));
/// assert!(key.verify(br#"{"key":"value"}"#, &signature));
/// # Ok::<(), webhook_subscriptions::verify::InvalidKey>(())
/// ```
#[derive(Clone)]
pub struct Key<S: Scheme>(S::Hmac);

impl<S: Scheme> Key<S> {
    /// Makes a key of PandaDoc's `shared_key` or Ratepay's `secret`, given as text.
    ///
    /// Spaces, line breaks and invisible characters are part of the key, as they are for the provider.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is empty or all of its characters are invisible, so anybody could sign with
    /// it. Invisible characters are those that Unicode lists as `White_Space`, as controls (`Cc`, NUL among them)
    /// and as `Default_Ignorable_Code_Point`, such as U+200B and U+FEFF. A key with other characters too is
    /// accepted as it is, since the provider signs with all of its characters.
    ///
    /// HMAC can't tell the empty key from up to a block of NUL: 64 bytes for PandaDoc and 128 for Ratepay.
    pub fn new(secret: impl Into<Secret>) -> Result<Self, InvalidKey> {
        let secret = secret.into();
        let text = secret.expose_secret();
        if text.chars().all(is_invisible) {
            return Err(InvalidKey);
        }
        // HMAC accepts keys of any length.
        let hmac = S::Hmac::new_from_slice(text.as_bytes()).map_err(|_| InvalidKey)?;
        Ok(Self(hmac))
    }

    /// Tells whether this key made this signature of these bytes.
    ///
    /// `body` is the body as it was received. The time this takes depends only on the length of the body.
    #[must_use]
    pub fn verify(&self, body: &[u8], signature: &Signature<S>) -> bool {
        let hmac = self.0.clone().chain_update(body);
        hmac.verify(&signature.0).is_ok()
    }

    /// Returns the signature that the provider sends with this body. For tests and simulators.
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

/// A key with which anybody could sign, for example because a setting is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key is empty, or all of its characters are invisible, so anybody could sign with it; check the setting it comes from")]
#[non_exhaustive]
pub struct InvalidKey;
