//! PandaDoc's history of deliveries.

use std::collections::HashSet;
use std::time::SystemTime;

use jiff::Timestamp;

use crate::pandadoc::types::{
    ListWebhookEventRequest, WebhookEventDetailsResponse, WebhookEventItemResponse,
};
use crate::pandadoc::Client;
use crate::runtime::Error;
use crate::secret::Secret;
use crate::verify::{Key, KeyRing, PandaDoc, RingKey, Signature, Verified};

/// How many entries of the history are asked for at a time. PandaDoc documents no maximum.
const PAGE: i32 = 100;

/// The most pages that are read. A server that never ends its history costs no more than these.
const MOST_PAGES: i32 = 1_000;

/// How many of the latest entries are read to see whether a key has signed one.
const LATEST: usize = 5;

/// Returns the entries of the history since this time, each once, in PandaDoc's order.
///
/// No end is asked for. This computer's clock may be behind PandaDoc's, and would hide the latest entries.
pub(super) async fn entries(
    client: &Client,
    since: SystemTime,
) -> Result<Vec<WebhookEventItemResponse>, MissedError> {
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for page in 1..=MOST_PAGES {
        let request = ListWebhookEventRequest::new(PAGE, page).since(rfc3339(since));
        let answer = client.list_webhook_event(&request).await?.into_inner();
        let items = answer.items.unwrap_or_default();
        // A page may have fewer items than were asked for, so only one without news is the last.
        let before = entries.len();
        let is_new = |it: &WebhookEventItemResponse| it.uuid.is_none_or(|id| seen.insert(id));
        entries.extend(items.into_iter().filter(is_new));
        if entries.len() == before {
            return Ok(entries);
        }
    }
    Err(MissedError::TooLong)
}

/// The history couldn't be read. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MissedError {
    /// A read failed.
    #[error(transparent)]
    Call(#[from] Error),
    /// The history has more than 1,000 pages.
    #[error(
        "the history has more than {MOST_PAGES} pages of {PAGE} entries; ask for a later time"
    )]
    TooLong,
}

/// Tells whether this key signed one of the latest entries since then.
pub(super) async fn has_signed(
    client: &Client,
    key: &Secret,
    since: SystemTime,
    now: SystemTime,
) -> Result<bool, Error> {
    let Some(ring) = Key::new(key)
        .ok()
        .and_then(|key| KeyRing::new([RingKey::new("", key)]).ok())
    else {
        return Ok(false);
    };
    let request = ListWebhookEventRequest::new(PAGE, 1).since(rfc3339(since));
    let answer = client.list_webhook_event(&request).await?.into_inner();
    let items = answer.items.unwrap_or_default();
    for id in items.iter().filter_map(|it| it.uuid).take(LATEST) {
        let entry = client.details_webhook_event(&id).await?.into_inner();
        if verify(&entry, &ring, now).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the key that signed this entry.
pub(super) fn verify(
    entry: &WebhookEventDetailsResponse,
    ring: &KeyRing<PandaDoc>,
    now: SystemTime,
) -> Option<Verified> {
    let signature: Signature<PandaDoc> = entry.signature.as_deref()?.parse().ok()?;
    let body = entry.request_body.as_deref()?;
    ring.verify(body.as_bytes(), &signature, now).ok()
}

/// Writes a time as RFC 3339 does. A time that it can't express becomes the nearest one that it can.
fn rfc3339(time: SystemTime) -> String {
    let nearest = match time < SystemTime::UNIX_EPOCH {
        true => Timestamp::MIN,
        false => Timestamp::MAX,
    };
    Timestamp::try_from(time).unwrap_or(nearest).to_string()
}
