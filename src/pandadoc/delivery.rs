//! What PandaDoc delivers to the URL of a subscription.
//!
//! Read it once it is [verified](crate::verify). Answer with 200 within 20 seconds. Source:
//! <https://developers.pandadoc.com/docs/webhook-setup>.

use http::{HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::types::WebhookEventTriggerEnum;
pub use crate::delivery_error::DeliveryError;

/// The header that has the id of a delivery.
pub const EVENT_ID: HeaderName = HeaderName::from_static("x-pandadoc-webhook-event-id");

/// One element of a delivery, which has one or more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Delivered {
    /// It names its `event`.
    Event(Event),
    /// It does not, or is not as documented: any JSON.
    Other(Value),
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// What happened. A name that is newer than this crate is kept as it is.
    pub event: WebhookEventTriggerEnum,
    /// The document, template or other thing that it happened to. PandaDoc documents examples of it, and
    /// no schema. Null if there is none.
    #[serde(default)]
    pub data: Value,
    /// Members that are not documented.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Reads the events of a delivery.
///
/// ```
/// use webhook_subscriptions::pandadoc::delivery::{self, Delivered};
/// use webhook_subscriptions::pandadoc::types::WebhookEventTriggerEnum;
///
/// let body = br#"[{"event":"document_deleted","data":{"id":"msFYActMfJHqNTKH8YSvF1"}}]"#;
/// for delivered in delivery::events(body)? {
///     match delivered {
///         Delivered::Event(event) if event.event == WebhookEventTriggerEnum::DocumentDeleted => {
///             assert_eq!(event.data["id"], "msFYActMfJHqNTKH8YSvF1");
///         }
///         Delivered::Event(event) => println!("{}: {}", event.event, event.data),
///         Delivered::Other(json) => println!("not as documented: {json}"),
///     }
/// }
/// # Ok::<(), delivery::DeliveryError>(())
/// ```
///
/// # Errors
///
/// The body is no JSON array, or JSON beyond what is read (see [`DeliveryError`]). An element that is no event is no error: it does not keep the others
/// from being read.
pub fn events(body: &[u8]) -> Result<Vec<Delivered>, DeliveryError> {
    Ok(serde_json::from_slice(body)?)
}

/// The id of a delivery, which is the same whenever PandaDoc sends it again: what has been dealt with under
/// this id need not be dealt with once more.
///
/// It is no part of what is signed, so it proves nothing; whoever sends a delivery again can give it
/// another id. `None` if the header is absent (PandaDoc sends it since July 2026), is there more than
/// once, or is no UUID; then nothing tells a repeated delivery from a new one.
///
/// Source: <https://developers.pandadoc.com/docs/webhook-deduplication>.
#[must_use]
pub fn event_id(headers: &HeaderMap) -> Option<Uuid> {
    let mut values = headers.get_all(EVENT_ID).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    Uuid::try_parse_ascii(value.as_bytes()).ok()
}
