//! The one type that holds key material.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key, token or credential: text that is never printed.
///
/// `Debug` prints `[REDACTED]`, and `Display` isn't implemented. Only
/// [`expose_secret`](Self::expose_secret) returns the text. For texts of one length, `==` takes the same time
/// wherever they differ.
///
/// `Serialize` writes the text, since that is how a secret gets into a request. Don't serialize a value
/// that holds a `Secret` to anywhere else.
///
/// ```
/// use webhook_subscriptions::Secret;
///
/// let key = Secret::from("DgwSJeYa2h5SCmzVZws2UM");
/// assert_eq!(format!("{key:?}"), "[REDACTED]");
/// assert_eq!(key.expose_secret(), "DgwSJeYa2h5SCmzVZws2UM");
/// ```
///
/// # Empty secrets
///
/// Making a `Secret` never fails, so it can be empty, for example because a setting was. With an empty key
/// anybody could sign, so an empty secret is neither sent nor accepted:
///
/// | | with an empty secret |
/// |---|---|
/// | `Serialize` | returns an error, so a call ends with [`ErrorKind::NotBuilt`](crate::ErrorKind::NotBuilt) and nothing is sent |
/// | `Deserialize` | returns an error |
/// | [`Credential`](crate::Credential), [`SigningSecret`](crate::ratepay::SigningSecret), [`verify::Key`](crate::verify::Key) | return an error when they are made of it |
///
/// # Memory
///
/// The memory of a `Secret` is overwritten when it is dropped. So are the other copies that this crate makes,
/// in the bodies of requests and responses and in `Authorization` headers. These copies aren't overwritten:
///
/// - the text that you make a `Secret` of, unless you hand over a `String`, and copies that you make of
///   [`expose_secret`](Self::expose_secret);
/// - the buffers in which the HTTP client (hyper) and the TLS library send and receive;
/// - the scratch memory of the JSON reader (serde_json), if a text has escapes in it;
/// - an error response that echoes a secret, in [`Error::problem`](crate::Error::problem);
/// - what the compiler leaves on the stack.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Returns the text itself. Keep it out of logs and errors.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// Copies the text, so that a function that takes `impl Into<Secret>` also takes a reference.
impl From<&Secret> for Secret {
    fn from(secret: &Secret) -> Self {
        secret.clone()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

/// Rejects the empty text, which must never become a key.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            let error = "a secret is empty; give it a value, since an empty one is never sent";
            return Err(serde::ser::Error::custom(error));
        }
        serializer.serialize_str(self.expose_secret())
    }
}

/// Rejects the empty text: with a key of no characters anybody could sign.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secret = Self::from(String::deserialize(deserializer)?);
        if secret.0.is_empty() {
            return Err(serde::de::Error::custom("a secret is empty"));
        }
        Ok(secret)
    }
}

/// Fills the bytes where they are, since moving them would leave a copy on the stack.
pub(crate) fn fill_randomly(bytes: &mut [u8]) -> Result<(), RandomnessError> {
    getrandom::fill(bytes).map_err(RandomnessError)
}

/// The operating system provided no random bytes, so no secret was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system provided no random bytes: {0}")]
pub struct RandomnessError(getrandom::Error);

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Secret {
    fn schema_name() -> String {
        "Secret".to_owned()
    }

    fn json_schema(_: &mut schemars::gen::SchemaGenerator) -> schemars::schema::Schema {
        schemars::schema::SchemaObject {
            instance_type: Some(schemars::schema::InstanceType::String.into()),
            format: Some("password".to_owned()),
            ..Default::default()
        }
        .into()
    }
}
