//! The deliveries in PandaDoc's history that this service didn't accept.

use std::collections::HashSet;
use std::time::SystemTime;

use bytes::Bytes;
use hmac::digest::Output;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::rotation::Rotation;
use super::subscription::PandaDocSubscription;
use crate::pandadoc::types::{
    ListWebhookEventRequest, WebhookEventDetailsResponse, WebhookEventItemResponse,
    WebhookEventTriggerEnum,
};
use crate::runtime::Error;
use crate::verify::{KeyRing, PandaDoc, Signature, Verified};

/// How many entries of the history are asked for at a time. PandaDoc documents no maximum.
const PAGE: i32 = 100;

/// What [`Rotation::missed`] found.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Missed {
    /// The genuine deliveries, oldest entry first.
    pub deliveries: Vec<MissedDelivery>,
    /// The ids of the entries of this subscription that failed and that no accepted key verifies. They were signed
    /// with a key that was retired or revoked, or the history doesn't keep their bytes as they were sent.
    pub unverified: Vec<Uuid>,
    /// How many failed entries of the workspace have no id, so they can't be read.
    pub without_id: usize,
}

/// A genuine delivery that this service may not have accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MissedDelivery {
    /// The id of the entry in the history. It isn't documented whether it is the id in the header of the delivery.
    pub id: Uuid,
    /// The event, if PandaDoc names it.
    pub event: Option<WebhookEventTriggerEnum>,
    /// The id of the key that verified it, as [`Verified::key_id`](crate::verify::Verified::key_id) returns it.
    pub key_id: String,
    /// The body. [`pandadoc::delivery::parse`](crate::pandadoc::delivery::parse) reads it.
    pub body: Bytes,
}

impl Rotation<PandaDoc> {
    /// Reads PandaDoc's history for genuine deliveries since this time that it doesn't report as accepted.
    ///
    /// PandaDoc keeps deliveries for 15 days. The history is that of the workspace; entries of other URLs are left
    /// out. Each body is returned once, and left out if any of its attempts was answered with a 2xx status. A delivery
    /// that this service accepted although PandaDoc didn't get the answer is returned too, so handle it as a
    /// duplicate. The call reads the list, each failed entry, and the accepted ones of the same events. Source:
    /// <https://hc.pandadoc.com/en/articles/9714966-webhooks>.
    ///
    /// # Errors
    ///
    /// Returns an error if a read fails. Nothing was changed.
    pub async fn missed(&self, since: SystemTime) -> Result<Missed, Error> {
        let state = &self.0.state;
        state
            .subscription
            .missed(&state.keys.ring, since, state.time.now())
            .await
    }
}

impl PandaDocSubscription {
    async fn missed(
        &self,
        ring: &KeyRing<PandaDoc>,
        since: SystemTime,
        now: SystemTime,
    ) -> Result<Missed, Error> {
        let client = &self.client;
        let subscription = client.details_webhook_subscription(&self.id).await?;
        let url = subscription.into_inner().url.unwrap_or_default();
        let history = self.history(since, now).await?;
        let (accepted, failed): (Vec<_>, Vec<_>) = history.iter().partition(|it| is_accepted(it));
        let types: HashSet<_> = failed.iter().map(|it| &it.type_).collect();
        let mut missed = Missed::default();
        // The digests of bodies that were accepted, and later of those that are told.
        let mut told = HashSet::new();
        // A body that failed was accepted later only if there is such an entry of the same event.
        let accepted = accepted.into_iter().filter(|it| types.contains(&it.type_));
        for id in accepted.filter_map(|it| it.uuid) {
            let entry = client.details_webhook_event(&id).await?.into_inner();
            if is_for(&entry, &url) {
                told.insert(digest(&entry));
            }
        }
        for entry in failed {
            let Some(id) = entry.uuid else {
                missed.without_id += 1;
                continue;
            };
            let entry = client.details_webhook_event(&id).await?.into_inner();
            if !is_for(&entry, &url) || !told.insert(digest(&entry)) {
                continue;
            }
            match verify(&entry, ring, now) {
                Some(verified) => missed.deliveries.push(MissedDelivery {
                    id,
                    event: entry.type_,
                    key_id: verified.key_id().to_owned(),
                    body: entry.request_body.unwrap_or_default().into(),
                }),
                None => missed.unverified.push(id),
            }
        }
        missed.deliveries.reverse();
        Ok(missed)
    }

    /// Returns the entries of the history from this time until now, newest first, each once.
    async fn history(
        &self,
        since: SystemTime,
        now: SystemTime,
    ) -> Result<Vec<WebhookEventItemResponse>, Error> {
        let mut seen = HashSet::new();
        let mut entries = Vec::new();
        for page in 1.. {
            let request = ListWebhookEventRequest::new(PAGE, page)
                .since(rfc3339(since))
                .to(rfc3339(now));
            let answer = self.client.list_webhook_event(&request).await?.into_inner();
            let items = answer.items.unwrap_or_default();
            // A page may have fewer items than were asked for, so only an empty one is the last.
            if items.is_empty() {
                break;
            }
            entries.extend(
                items
                    .into_iter()
                    .filter(|it| it.uuid.is_none_or(|id| seen.insert(id))),
            );
        }
        Ok(entries)
    }
}

fn is_accepted(entry: &WebhookEventItemResponse) -> bool {
    matches!(entry.http_status_code, Some(200..=299))
}

/// Tells whether this delivery went to this URL. PandaDoc adds the signature to the query.
fn is_for(entry: &WebhookEventDetailsResponse, url: &str) -> bool {
    let sent = entry.url.as_deref().unwrap_or_default();
    let rest = sent.strip_prefix(url);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '&']))
}

fn digest(entry: &WebhookEventDetailsResponse) -> Output<Sha256> {
    Sha256::digest(entry.request_body.as_deref().unwrap_or_default())
}

/// Returns the key that signed this entry of the history.
fn verify(
    entry: &WebhookEventDetailsResponse,
    ring: &KeyRing<PandaDoc>,
    now: SystemTime,
) -> Option<Verified> {
    let signature: Signature<PandaDoc> = entry.signature.as_deref()?.parse().ok()?;
    let body = entry.request_body.as_deref()?;
    ring.verify(body.as_bytes(), &signature, now).ok()
}

/// Writes a time as RFC 3339 does. Times that it can't express become the nearest ones that it can.
fn rfc3339(time: SystemTime) -> String {
    let nearest = match time < SystemTime::UNIX_EPOCH {
        true => Timestamp::MIN,
        false => Timestamp::MAX,
    };
    Timestamp::try_from(time).unwrap_or(nearest).to_string()
}
