//! A query parameter on its way into a URL.

// Generated code makes it.
#![allow(unreachable_pub)]

use serde::Serialize;
use serde_json::Value;

/// A query parameter, as OpenAPI's default style writes it: `form`, exploded.
pub struct QueryParam<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T: Serialize> QueryParam<'a, T> {
    pub fn new(name: &'a str, value: &'a T) -> Self {
        Self { name, value }
    }

    /// No pair for what is absent, one for each item of a list, one for anything else.
    pub(super) fn pairs(&self) -> serde_json::Result<Vec<(&'a str, String)>> {
        let values = match serde_json::to_value(self.value)? {
            Value::Null => Vec::new(),
            Value::Array(values) => values,
            value => vec![value],
        };
        let text = |value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Ok(values
            .into_iter()
            .map(|value| (self.name, text(value)))
            .collect())
    }
}
