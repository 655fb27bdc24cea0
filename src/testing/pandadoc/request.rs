//! What PandaDoc takes in the body of a request, by the request schemas of its published document.
//!
//! The texts of the messages are not documented; their form is.

use serde_json::{json, Map, Value};
use url::Url;

use super::error::{of_no_field, Fields};
use crate::pandadoc::types::{WebhookSubscriptionPayloadEnum, WebhookSubscriptionTriggerEnum};
use crate::runtime::is_loopback;

/// What a request says of a subscription. What is `None` was not sent.
#[derive(Default)]
pub(super) struct Change {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) active: Option<bool>,
    pub(super) payload: Option<Option<Vec<String>>>,
    pub(super) triggers: Option<Option<Vec<String>>>,
}

impl Change {
    pub(super) fn create(body: &[u8]) -> Result<Self, Fields> {
        Self::read(body, &["name", "url", "triggers"])
    }

    pub(super) fn update(body: &[u8]) -> Result<Self, Fields> {
        Self::read(body, &[])
    }

    fn read(body: &[u8], required: &[&str]) -> Result<Self, Fields> {
        let body = match serde_json::from_slice(body) {
            Ok(Value::Object(body)) => body,
            Ok(_) => return Err(of_no_field("Invalid data. Expected a dictionary.")),
            Err(_) => return Err(of_no_field("JSON parse error.")),
        };
        let mut reader = Reader {
            body,
            errors: Fields::new(),
        };
        for name in required {
            if !reader.body.contains_key(*name) {
                reader.refuse(name, "This field is required.");
            }
        }
        let change = Self {
            name: reader.read("name", text),
            url: reader.read("url", url),
            active: reader.read("active", |value| {
                value.as_bool().ok_or(NO_BOOLEAN.to_owned())
            }),
            payload: reader.read("payload", |value| choices(value, is_payload)),
            triggers: reader.read("triggers", |value| choices(value, is_trigger)),
        };
        match reader.errors.is_empty() {
            true => Ok(change),
            false => Err(reader.errors),
        }
    }
}

/// Reads members, and notes what is wrong with each.
struct Reader {
    body: Map<String, Value>,
    errors: Fields,
}

impl Reader {
    fn read<T>(&mut self, name: &str, read: impl Fn(&Value) -> Result<T, String>) -> Option<T> {
        match read(self.body.get(name)?) {
            Ok(value) => Some(value),
            Err(message) => {
                self.refuse(name, &message);
                None
            }
        }
    }

    fn refuse(&mut self, name: &str, message: &str) {
        self.errors.insert(name.to_owned(), json!([message]));
    }
}

const NO_NULL: &str = "This field may not be null.";
const NO_TEXT: &str = "Not a valid string.";
const NO_BOOLEAN: &str = "Must be a valid boolean.";
const NO_URL: &str = "Enter a valid URL.";

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Err(NO_NULL.to_owned()),
        _ => Err(NO_TEXT.to_owned()),
    }
}

/// `https` alone (<https://developers.pandadoc.com/docs/webhook-setup>), and `http` to this machine,
/// where receivers under test are.
fn url(value: &Value) -> Result<String, String> {
    let text = text(value)?;
    let is_valid = Url::parse(&text).is_ok_and(|url| {
        url.scheme() == "https" && url.has_host() || url.scheme() == "http" && is_loopback(&url)
    });
    match is_valid {
        true => Ok(text),
        false => Err(NO_URL.to_owned()),
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

/// Known to the document that this crate was built from.
fn is_trigger(text: &str) -> bool {
    WebhookSubscriptionTriggerEnum::KNOWN.contains(&text)
}

fn is_payload(text: &str) -> bool {
    WebhookSubscriptionPayloadEnum::KNOWN.contains(&text)
}
