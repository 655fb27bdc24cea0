//! The deliveries that PandaDoc posts to the URL of a subscription.
//!
//! Read a delivery once it is [verified](crate::verify). Answer with 200 within 20 seconds. Source:
//! <https://developers.pandadoc.com/docs/webhook-setup>.

use http::{HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::types::WebhookEventTriggerEnum;

pub use crate::parse_error::ParseError;

/// The header with the id of a delivery.
pub const EVENT_ID: HeaderName = HeaderName::from_static("x-pandadoc-webhook-event-id");

/// One element of a delivery. A delivery has one or more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum EventOrOther {
    /// The element names its `event`.
    Event(Event),
    /// The element doesn't name an `event`, or isn't as documented. It can be any JSON.
    Other(Value),
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// The name of the event. A name that is newer than this crate is kept as it is.
    pub event: WebhookEventTriggerEnum,
    /// The document, template or other object that it happened to, or null if there is none. PandaDoc documents
    /// examples of it, and no schema.
    #[serde(default)]
    pub data: Value,
    /// Members that aren't documented.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Reads the events of a delivery.
///
/// ```
/// use webhook_subscriptions::pandadoc::delivery::{self, EventOrOther};
/// use webhook_subscriptions::pandadoc::types::WebhookEventTriggerEnum;
///
/// let body = br#"[{"event":"document_deleted","data":{"id":"msFYActMfJHqNTKH8YSvF1"}}]"#;
/// for element in delivery::parse(body)? {
///     match element {
///         EventOrOther::Event(event) if event.event == WebhookEventTriggerEnum::DocumentDeleted => {
///             assert_eq!(event.data["id"], "msFYActMfJHqNTKH8YSvF1");
///         }
///         EventOrOther::Event(event) => println!("{}: {}", event.event, event.data),
///         other => println!("not as documented: {other:?}"),
///     }
/// }
/// # Ok::<(), delivery::ParseError>(())
/// ```
///
/// # Errors
///
/// Returns an error if the body isn't a JSON array, or exceeds the limits that [`ParseError`] names. An element
/// that isn't an event is not an error: it doesn't prevent reading the others.
pub fn parse(body: &[u8]) -> Result<Vec<EventOrOther>, ParseError> {
    serde_json::from_slice(body).map_err(ParseError::new)
}

/// Returns the id of a delivery, which stays the same when PandaDoc sends the delivery again. Ignore a delivery
/// whose id you have handled.
///
/// The id isn't signed, so it proves nothing: anybody who sends a delivery again can give it another id.
///
/// Returns `None` if the header is missing, duplicate or not a UUID. Duplicate deliveries then can't be told from
/// new ones. PandaDoc has sent the header since July 2026.
///
/// Source: <https://developers.pandadoc.com/docs/webhook-deduplication>.
#[must_use]
pub fn event_id(headers: &HeaderMap) -> Option<Uuid> {
    let mut values = headers.get_all(EVENT_ID).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    Uuid::try_parse_ascii(value.as_bytes()).ok()
}
