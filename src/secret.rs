//! The one type that holds key material.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key, token or credential: text that is never printed.
///
/// `Debug` prints `[REDACTED]` and there is no `Display`; the text is read with
/// [`expose_secret`](Self::expose_secret) alone. Its memory is overwritten when it is dropped. `==`
/// takes the same time wherever two texts of one length differ.
///
/// `Serialize` writes the text, since that is how a secret gets into a request. Do not serialize
/// a value that holds a `Secret` to anywhere else. Copies that the HTTP client and the TLS library
/// make while they send or receive are out of this type's reach.
///
/// ```
/// use webhook_subscriptions::Secret;
///
/// let key = Secret::from("DgwSJeYa2h5SCmzVZws2UM");
/// assert_eq!(format!("{key:?}"), "[REDACTED]");
/// assert_eq!(key.expose_secret(), "DgwSJeYa2h5SCmzVZws2UM");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Whoever calls this answers for where it goes.
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

impl AsRef<Secret> for Secret {
    fn as_ref(&self) -> &Secret {
        self
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

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose_secret())
    }
}

/// Refuses the empty text: a key of no characters lets everybody sign.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secret = Self::from(String::deserialize(deserializer)?);
        if secret.0.is_empty() {
            return Err(serde::de::Error::custom("a secret that is empty"));
        }
        Ok(secret)
    }
}

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
