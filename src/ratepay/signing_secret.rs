//! A secret of the length that Ratepay requires.

use base64::prelude::{Engine, BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use crate::secret::{fill_randomly, RandomnessError, Secret};

/// The key that signs the deliveries of a Ratepay subscription: 64 characters or more.
///
/// The type is redacted, compared and erased as a [`Secret`] is. Source of the length: `secret` of
/// `SubscriptionRequest` in `specs/ratepay.yaml`, from Ratepay's "Update Subscription".
///
/// ```
/// use webhook_subscriptions::ratepay::SigningSecret;
///
/// let secret = SigningSecret::generate();
/// assert!(secret.expose_secret().len() >= SigningSecret::MIN_LENGTH);
///
/// let error = SigningSecret::new("too short").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`secret` has 9 characters; Ratepay requires at least 64",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SigningSecret(Secret);

impl SigningSecret {
    /// The minimum number of characters (Unicode code points).
    pub const MIN_LENGTH: usize = 64;

    /// Checks a secret that already exists.
    ///
    /// # Errors
    ///
    /// Returns an error if it has fewer than 64 characters.
    pub fn new(secret: impl Into<Secret>) -> Result<Self, SigningSecretError> {
        let secret = secret.into();
        match secret.expose_secret().chars().count() {
            length if length < Self::MIN_LENGTH => Err(SigningSecretError { length }),
            _ => Ok(Self(secret)),
        }
    }

    /// Makes a secret of 48 bytes (384 bits) from the operating system's random number generator, written as 64
    /// characters of base64url (RFC 4648, section 5).
    ///
    /// # Panics
    ///
    /// Panics if the operating system provides no random bytes. The systems that Rust's standard library supports
    /// always do once they have started. [`try_generate`](Self::try_generate) returns this as an error.
    #[must_use]
    pub fn generate() -> Self {
        match Self::try_generate() {
            Ok(secret) => secret,
            Err(error) => panic!("{error}"),
        }
    }

    /// Makes a secret as [`generate`](Self::generate) does.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system provides no random bytes. There is no fallback.
    pub fn try_generate() -> Result<Self, RandomnessError> {
        let mut bytes = Zeroizing::new([0; Self::MIN_LENGTH / 4 * 3]);
        fill_randomly(bytes.as_mut_slice())?;
        // By reference, since moving the bytes would leave a copy on the stack.
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()).into()))
    }

    /// Returns the text itself. Keep it out of logs and errors.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Copies the text.
impl From<&SigningSecret> for Secret {
    fn from(secret: &SigningSecret) -> Self {
        secret.0.clone()
    }
}

impl From<SigningSecret> for Secret {
    fn from(secret: SigningSecret) -> Self {
        secret.0
    }
}

impl<'de> Deserialize<'de> for SigningSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Secret::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A secret that Ratepay would reject. Nothing was sent; make one with [`SigningSecret::generate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`secret` has {length} characters; Ratepay requires at least {min}", min = SigningSecret::MIN_LENGTH)]
pub struct SigningSecretError {
    length: usize,
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for SigningSecret {
    fn schema_name() -> String {
        "SigningSecret".to_owned()
    }

    fn json_schema(generator: &mut schemars::gen::SchemaGenerator) -> schemars::schema::Schema {
        let mut schema = Secret::json_schema(generator).into_object();
        schema.string().min_length = u32::try_from(Self::MIN_LENGTH).ok();
        schema.into()
    }
}
