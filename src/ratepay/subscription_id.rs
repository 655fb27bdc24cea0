//! An id in the form that Ratepay assigns.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of a Ratepay subscription: exactly 20 characters of `A-Z`, `a-z`, `0-9`, `_` and `-`.
///
/// Source: `SubscriptionId` in `specs/ratepay.yaml`, from Ratepay's "Update Subscription".
///
/// ```
/// use webhook_subscriptions::ratepay::types::SubscriptionId;
///
/// let id: SubscriptionId = "d8znR1k1_0Kw305BsoPT".parse()?;
/// assert_eq!(id.to_string(), "d8znR1k1_0Kw305BsoPT");
/// assert!("../d8znR1k1_0Kw305Bs".parse::<SubscriptionId>().is_err());
/// # Ok::<(), webhook_subscriptions::ratepay::types::SubscriptionIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct SubscriptionId(String);

impl SubscriptionId {
    const LENGTH: usize = 20;

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// # Errors
///
/// Returns an error if the text doesn't have 20 characters, or has one that isn't `A-Z`, `a-z`, `0-9`, `_` or `-`.
impl TryFrom<String> for SubscriptionId {
    type Error = SubscriptionIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if let Some(character) = text.chars().find(|c| !allowed(*c)) {
            return Err(SubscriptionIdError::Character(character));
        }
        match text.len() {
            Self::LENGTH => Ok(Self(text)),
            length => Err(SubscriptionIdError::Length(length)),
        }
    }
}

/// # Errors
///
/// Returns an error if the text doesn't have 20 characters, or has one that isn't `A-Z`, `a-z`, `0-9`, `_` or `-`.
impl FromStr for SubscriptionId {
    type Err = SubscriptionIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl From<SubscriptionId> for String {
    fn from(id: SubscriptionId) -> Self {
        id.0
    }
}

impl fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An id that isn't in the form that Ratepay assigns. Nothing was sent; check where the id comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscriptionIdError {
    /// The id has this number of characters instead of 20.
    #[error("`id` has {0} characters; a Ratepay subscription id has {len}", len = SubscriptionId::LENGTH)]
    Length(usize),
    /// The id has a character that no id has.
    #[error(
        "`id` has the character {0:?}; a Ratepay subscription id has only A-Z, a-z, 0-9, _ and -"
    )]
    Character(char),
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for SubscriptionId {
    fn schema_name() -> String {
        "SubscriptionId".to_owned()
    }

    fn json_schema(_: &mut schemars::gen::SchemaGenerator) -> schemars::schema::Schema {
        let mut schema = schemars::schema::SchemaObject {
            instance_type: Some(schemars::schema::InstanceType::String.into()),
            ..Default::default()
        };
        schema.string().pattern = Some("^[A-Za-z0-9_-]{20}$".to_owned());
        schema.into()
    }
}
