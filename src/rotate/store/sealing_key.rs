//! The key that encrypts records.

use std::fmt;
use std::str::FromStr;

use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::DecodePaddingMode;
use base64::prelude::{Engine, BASE64_STANDARD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Error, KeyInit, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::rotate::store::StoreError;
use crate::secret::{fill_randomly, RandomnessError, Secret};

const NONCE_LENGTH: usize = 24;

/// Reads base64 with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key that encrypts the records of a store: 32 random bytes.
///
/// Keep it apart from the records, for example in the settings of the service. Without it, no record can be read.
/// Make one with `openssl rand -base64 32`, or with [`generate`](Self::generate). A password isn't random enough.
///
/// The key is redacted in `Debug` and erased when it is dropped.
///
/// ```
/// use webhook_subscriptions::rotate::SealingKey;
///
/// let key: SealingKey = "Fng1kHJ2bmz7rlqT5zR5Z6h4n4wW2kYqUuJrE0hV3cM=".parse()?;
/// assert_eq!(format!("{key:?}"), "SealingKey([REDACTED])");
/// # Ok::<(), webhook_subscriptions::rotate::SealingKeyError>(())
/// ```
#[derive(Clone)]
pub struct SealingKey(Box<Zeroizing<[u8; Self::LENGTH]>>);

impl SealingKey {
    /// The number of bytes.
    pub const LENGTH: usize = 32;

    /// Makes a key from the operating system's random number generator.
    ///
    /// # Panics
    ///
    /// Panics if the operating system provides no random bytes. The systems that Rust's standard library supports
    /// always do once they have started. [`try_generate`](Self::try_generate) returns this as an error.
    #[must_use]
    pub fn generate() -> Self {
        match Self::try_generate() {
            Ok(key) => key,
            Err(error) => panic!("{error}"),
        }
    }

    /// Makes a key as [`generate`](Self::generate) does.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system provides no random bytes. There is no fallback.
    pub fn try_generate() -> Result<Self, RandomnessError> {
        let mut key = Self::zero();
        fill_randomly(key.0.as_mut_slice())?;
        Ok(key)
    }

    /// Returns the key as base64, to be stored apart from the records. [`FromStr`] reads it.
    #[must_use]
    pub fn to_base64(&self) -> Secret {
        BASE64_STANDARD.encode(self.0.as_slice()).into()
    }

    /// A key to be filled where it is, since moving its bytes would leave a copy on the stack.
    fn zero() -> Self {
        Self(Box::new(Zeroizing::new([0; Self::LENGTH])))
    }

    /// Tells keys apart, without telling anything else about them.
    pub(super) fn id(&self) -> String {
        let digest = Sha256::new()
            .chain_update("webhook-subscriptions sealing key ")
            .chain_update(self.0.as_slice());
        const_hex::encode(&digest.finalize()[..4])
    }

    /// Encrypts a text, which only the same associated data decrypts. The result starts with the nonce.
    pub(super) fn seal(&self, text: &str, associated: &str) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_LENGTH];
        fill_randomly(&mut nonce).map_err(StoreError::new)?;
        let payload = Payload {
            msg: text.as_bytes(),
            aad: associated.as_bytes(),
        };
        let ciphertext = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let ciphertext =
            ciphertext.map_err(|_| StoreError::new("the record is too long to encrypt"))?;
        Ok([nonce.as_slice(), &ciphertext].concat())
    }

    /// Decrypts a text that [`seal`](Self::seal) encrypted.
    pub(super) fn open(&self, sealed: &[u8], associated: &str) -> Result<Secret, Error> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LENGTH).ok_or(Error)?;
        let payload = Payload {
            msg: ciphertext,
            aad: associated.as_bytes(),
        };
        let nonce = XNonce::try_from(nonce).map_err(|_| Error)?;
        let text = Zeroizing::new(self.cipher().decrypt(&nonce, payload)?);
        let text = std::str::from_utf8(&text).map_err(|_| Error)?;
        Ok(Secret::from(text))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&**self.0).into())
    }
}

impl From<[u8; SealingKey::LENGTH]> for SealingKey {
    fn from(mut bytes: [u8; SealingKey::LENGTH]) -> Self {
        let mut key = Self::zero();
        key.0.copy_from_slice(&bytes);
        bytes.zeroize();
        key
    }
}

/// Reads base64, with or without padding. White space around it is ignored, such as the line break at the end of a
/// file.
///
/// # Errors
///
/// Returns an error if the text isn't base64, or isn't that of 32 bytes.
impl FromStr for SealingKey {
    type Err = SealingKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let decoded = BASE64.decode(text.trim());
        let bytes = Zeroizing::new(decoded.map_err(|_| SealingKeyError::NotBase64)?);
        if bytes.len() != Self::LENGTH {
            return Err(SealingKeyError::Length(bytes.len()));
        }
        let mut key = Self::zero();
        key.0.copy_from_slice(&bytes);
        Ok(key)
    }
}

/// Reads base64 as [`FromStr`] does.
///
/// # Errors
///
/// Returns an error if the text isn't base64, or isn't that of 32 bytes.
impl TryFrom<Secret> for SealingKey {
    type Error = SealingKeyError;

    fn try_from(text: Secret) -> Result<Self, Self::Error> {
        text.expose_secret().parse()
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey([REDACTED])")
    }
}

/// A text that isn't a [`SealingKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealingKeyError {
    /// The text isn't base64.
    #[error("the sealing key isn't base64; make one with `openssl rand -base64 32`")]
    NotBase64,
    /// The text is base64 of this many bytes.
    #[error(
        "the sealing key has {0} bytes; it must have {length}; make one with `openssl rand -base64 32`",
        length = SealingKey::LENGTH
    )]
    Length(usize),
}
