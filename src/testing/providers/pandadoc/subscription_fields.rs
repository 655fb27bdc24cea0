//! The request body of a subscription, by the request schemas of PandaDoc's published document.
//!
//! The form of the error messages is documented, their texts aren't.

use serde_json::{json, Map, Value};
use url::Url;

use super::error::{non_field_error, FieldErrors};
use crate::pandadoc::types::{WebhookSubscriptionPayloadEnum, WebhookSubscriptionTriggerEnum};
use crate::testing::deliveries::delivery::Receivers;

/// The members of a request body. A member that wasn't sent is `None`.
#[derive(Default)]
pub(super) struct SubscriptionFields {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) active: Option<bool>,
    pub(super) payload: Option<Option<Vec<String>>>,
    pub(super) triggers: Option<Option<Vec<String>>>,
}

impl SubscriptionFields {
    pub(super) fn parse_create(body: &[u8], receivers: Receivers) -> Result<Self, FieldErrors> {
        Self::parse(body, receivers, &["name", "url", "triggers"])
    }

    pub(super) fn parse_update(body: &[u8], receivers: Receivers) -> Result<Self, FieldErrors> {
        Self::parse(body, receivers, &[])
    }

    fn parse(body: &[u8], receivers: Receivers, required: &[&str]) -> Result<Self, FieldErrors> {
        let body = match serde_json::from_slice(body) {
            Ok(Value::Object(body)) => body,
            Ok(_) => return Err(non_field_error("Invalid data. Expected a dictionary.")),
            Err(_) => return Err(non_field_error("JSON parse error.")),
        };
        let mut reader = Reader {
            body,
            errors: FieldErrors::new(),
        };
        for name in required {
            if !reader.body.contains_key(*name) {
                reader.reject(name, "This field is required.");
            }
        }
        let fields = Self {
            name: reader.read("name", text),
            url: reader.read("url", |value| url(value, receivers)),
            active: reader.read("active", |value| {
                value.as_bool().ok_or(NOT_A_BOOLEAN.to_owned())
            }),
            payload: reader.read("payload", |value| choices(value, is_payload)),
            triggers: reader.read("triggers", |value| choices(value, is_trigger)),
        };
        match reader.errors.is_empty() {
            true => Ok(fields),
            false => Err(reader.errors),
        }
    }
}

/// Reads members and collects an error for each invalid one.
struct Reader {
    body: Map<String, Value>,
    errors: FieldErrors,
}

impl Reader {
    fn read<T>(&mut self, name: &str, read: impl Fn(&Value) -> Result<T, String>) -> Option<T> {
        match read(self.body.get(name)?) {
            Ok(value) => Some(value),
            Err(message) => {
                self.reject(name, &message);
                None
            }
        }
    }

    fn reject(&mut self, name: &str, message: &str) {
        self.errors.insert(name.to_owned(), json!([message]));
    }
}

const NULL: &str = "This field may not be null.";
const NOT_A_STRING: &str = "Not a valid string.";
const NOT_A_BOOLEAN: &str = "Must be a valid boolean.";
const NOT_A_URL: &str = "Enter a valid URL.";

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Err(NULL.to_owned()),
        _ => Err(NOT_A_STRING.to_owned()),
    }
}

/// Accepts `https` (<https://developers.pandadoc.com/docs/webhook-setup>), and the `http` URLs of receivers
/// under test.
fn url(value: &Value, receivers: Receivers) -> Result<String, String> {
    let text = text(value)?;
    let is_valid = Url::parse(&text)
        .is_ok_and(|url| url.scheme() == "https" && url.has_host() || receivers.include(&url));
    match is_valid {
        true => Ok(text),
        false => Err(NOT_A_URL.to_owned()),
    }
}

fn choices(value: &Value, known: fn(&str) -> bool) -> Result<Option<Vec<String>>, String> {
    let items = match value {
        Value::Null => return Ok(None),
        Value::Array(items) => items,
        _ => return Err("Expected a list of items.".to_owned()),
    };
    let item = |item: &Value| match item.as_str() {
        Some(text) if known(text) => Ok(text.to_owned()),
        _ => Err(format!("{item} is not a valid choice.")),
    };
    items.iter().map(item).collect::<Result<_, _>>().map(Some)
}

/// Returns whether the document that this crate was built from has this trigger.
fn is_trigger(text: &str) -> bool {
    WebhookSubscriptionTriggerEnum::KNOWN.contains(&text)
}

fn is_payload(text: &str) -> bool {
    WebhookSubscriptionPayloadEnum::KNOWN.contains(&text)
}
