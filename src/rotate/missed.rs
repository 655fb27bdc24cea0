//! The deliveries in PandaDoc's history that this service didn't accept.

use std::collections::HashSet;
use std::time::SystemTime;

use bytes::Bytes;
use hmac::digest::Output;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::history::{self, MissedError};
use super::rotation::Rotation;
use super::subscription::PandaDocSubscription;
use crate::pandadoc::types::{
    WebhookEventDetailsResponse, WebhookEventItemResponse, WebhookEventTriggerEnum,
};
use crate::verify::{KeyRing, PandaDoc};

/// The deliveries that [`Rotation::missed`] found.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Missed {
    /// The genuine deliveries, in the order of PandaDoc's history.
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
    /// # When to call it
    ///
    /// Call it at each start, before [`run`](Self::run), and regularly from then on. Only the keys that are accepted
    /// now verify an entry, and only `run` retires a key. After an outage it keeps the old key for another
    /// [`min_silence`](super::RotationBuilder::min_silence), but not beyond
    /// [`max_overlap`](super::RotationBuilder::max_overlap). So it may retire a key a minute after the start.
    ///
    /// ```no_run
    /// use std::time::{Duration, SystemTime};
    /// use webhook_subscriptions::pandadoc::delivery;
    /// use webhook_subscriptions::{verify::PandaDoc, Rotation};
    ///
    /// # async fn catch_up(rotation: Rotation<PandaDoc>) -> Result<(), Box<dyn std::error::Error>> {
    /// let fifteen_days = Duration::from_secs(15 * 24 * 60 * 60);
    /// let missed = rotation.missed(SystemTime::now() - fifteen_days).await?;
    /// for delivery in &missed.deliveries {
    ///     // Handle it as a delivery that may be a duplicate.
    ///     println!("{:?}: {:?}", delivery.id, delivery::parse(&delivery.body)?);
    /// }
    /// println!("{} can't be verified", missed.unverified.len());
    /// tokio::spawn(rotation.run());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a read fails, or if the history is too long.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with I/O and time enabled.
    pub async fn missed(&self, since: SystemTime) -> Result<Missed, MissedError> {
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
    ) -> Result<Missed, MissedError> {
        let client = &self.client;
        let subscription = client.details_webhook_subscription(&self.id).await?;
        let url = subscription.into_inner().url.unwrap_or_default();
        let history = history::entries(client, since).await?;
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
            match history::verify(&entry, ring, now) {
                Some(verified) => missed.deliveries.push(MissedDelivery {
                    id,
                    event: entry.type_,
                    key_id: verified.key_id().to_owned(),
                    body: entry.request_body.unwrap_or_default().into(),
                }),
                None => missed.unverified.push(id),
            }
        }
        Ok(missed)
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
