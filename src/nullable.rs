//! A member that may be null.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value or null. JSON has no third state, so the enum is exhaustive.
///
/// An `Option<Nullable<T>>` has the three states of an optional member of a request: absent (`None`), null, or
/// a value. A required member that may be null is a plain `Nullable<T>`.
///
/// ```
/// use webhook_subscriptions::Nullable;
/// use webhook_subscriptions::pandadoc::types::WebhookSubscriptionPatchRequest;
///
/// let patch = WebhookSubscriptionPatchRequest::new()
///     .name("Invoices")
///     .payload(Nullable::Null);
/// assert_eq!(serde_json::to_string(&patch)?, r#"{"name":"Invoices","payload":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nullable<T> {
    /// `null`.
    Null,
    /// The value.
    Value(T),
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Nullable<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            Some(value) => Self::Value(value),
            None => Self::Null,
        })
    }
}

#[cfg(feature = "schemars")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Nullable<T> {
    fn schema_name() -> String {
        format!("Nullable_{}", T::schema_name())
    }

    fn json_schema(generator: &mut schemars::gen::SchemaGenerator) -> schemars::schema::Schema {
        Option::<T>::json_schema(generator)
    }
}
