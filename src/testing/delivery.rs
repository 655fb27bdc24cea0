//! Deliveries to receivers: signed, posted, tried again, and reported.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{HeaderName, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use url::Url;
use uuid::Uuid;

use super::delivery_fault::{DeliveryFaultEffect, DeliveryFaultHit, DeliveryFaultKind};
use super::delivery_report::{DeliveryAttempt, DeliveryError, DeliveryFailure, DeliveryReport};
use super::keys::Keys;
use super::lock;
use super::pandadoc::Delivered;
use super::post::post;
use super::shared::Shared;
use crate::runtime::is_loopback;
use crate::secret::Secret;
use crate::verify::{Key, PandaDoc, Ratepay};

/// How long a receiver has to answer (<https://developers.pandadoc.com/docs/webhook-setup>). Ratepay
/// names no time; it has the same here.
const PATIENCE: Duration = Duration::from_secs(20);

/// Something that is to be delivered.
pub(super) struct Delivery {
    pub(super) id: Uuid,
    pub(super) to: Receiver,
    pub(super) body: Bytes,
    pub(super) created: SystemTime,
    /// The key that was in force when it was put into the queue, if it was.
    pub(super) queued_with: Option<Secret>,
}

#[derive(Clone)]
pub(super) enum Receiver {
    PandaDoc { subscription: Uuid, trigger: String },
    Ratepay { subscription: String },
}

/// Whether the simulator delivers to a URL.
pub(super) fn check_url(url: &str) -> Result<(), DeliveryError> {
    match Url::parse(url) {
        Ok(url) if url.scheme() == "http" && is_loopback(&url) => Ok(()),
        _ => Err(DeliveryError::NotThisMachine),
    }
}

/// Delivers what waits in the queue.
pub(super) async fn deliver_queued(shared: &Shared) -> Vec<DeliveryReport> {
    let mut waiting = std::mem::take(&mut *lock(&shared.queue));
    if waiting.len() > 1 {
        let reorder = |kind: &DeliveryFaultKind| *kind == DeliveryFaultKind::Reorder;
        if let Some((_, injected)) = shared.delivery_faults.take(reorder) {
            waiting.reverse();
            let order = waiting.iter().map(|delivery| delivery.id).collect();
            injected.record(hit(shared, DeliveryFaultEffect::Reordered(order)));
        }
    }
    let mut reports = Vec::with_capacity(waiting.len());
    for delivery in &waiting {
        reports.push(deliver(shared, delivery).await);
    }
    reports
}

/// Posts a delivery as often as its provider does.
pub(super) async fn deliver(shared: &Shared, delivery: &Delivery) -> DeliveryReport {
    let most = match delivery.to {
        Receiver::PandaDoc { .. } => shared.delivery_attempts,
        // Not documented: whether Ratepay tries again.
        Receiver::Ratepay { .. } => 1,
    };
    let mut attempts = Vec::new();
    for _ in 0..most {
        let Some(attempt) = attempt(shared, delivery).await else {
            break;
        };
        let is_accepted = attempt.is_accepted();
        attempts.push(attempt);
        if is_accepted {
            break;
        }
    }
    let duplicate = |kind: &DeliveryFaultKind| *kind == DeliveryFaultKind::Duplicate;
    if let Some((_, injected)) = shared.delivery_faults.take(duplicate) {
        if let Some(attempt) = attempt(shared, delivery).await {
            attempts.push(attempt);
            injected.record(hit(shared, DeliveryFaultEffect::Duplicated(delivery.id)));
        }
    }
    DeliveryReport {
        id: delivery.id,
        attempts,
    }
}

/// Posts a delivery once, unless its subscription takes none any more.
async fn attempt(shared: &Shared, delivery: &Delivery) -> Option<DeliveryAttempt> {
    let (url, key) = destination(shared, delivery)?;
    let mut target = Url::parse(&url).ok()?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let signature = match &delivery.to {
        Receiver::PandaDoc { .. } => {
            let signature = Key::<PandaDoc>::new(&key).ok()?.sign(&delivery.body);
            let signature = signature.to_string();
            target
                .query_pairs_mut()
                .append_pair("signature", &signature);
            headers.insert(USER_AGENT, HeaderValue::from_static("PandaDoc Webhooks"));
            let id = HeaderValue::try_from(delivery.id.to_string()).ok()?;
            headers.insert(HeaderName::from_static("x-pandadoc-webhook-event-id"), id);
            signature
        }
        Receiver::Ratepay { .. } => {
            let signature = Key::<Ratepay>::new(&key).ok()?.sign(&delivery.body);
            let signature = signature.to_string();
            let value = HeaderValue::try_from(&signature).ok()?;
            headers.insert(HeaderName::from_static("x-signature"), value);
            signature
        }
    };
    let result = tokio::select! {
        result = post(&target, headers, delivery.body.clone()) => result,
        () = shared.clock.sleep(PATIENCE) => Err(DeliveryFailure::TimedOut),
    };
    let attempt = DeliveryAttempt {
        url,
        signature,
        result,
    };
    if let Receiver::PandaDoc {
        subscription,
        trigger,
    } = &delivery.to
    {
        let delivered = Delivered {
            id: delivery.id,
            subscription: *subscription,
            trigger: trigger.clone(),
            body: delivery.body.clone(),
            created: delivery.created,
        };
        let now = shared.clock.now();
        lock(&shared.pandadoc).attempted(&delivered, &attempt, now);
    }
    Some(attempt)
}

/// Where a delivery goes, and the key that it is signed with.
fn destination(shared: &Shared, delivery: &Delivery) -> Option<(String, Secret)> {
    match &delivery.to {
        Receiver::PandaDoc { subscription, .. } => {
            let state = lock(&shared.pandadoc);
            let (url, keys) = state.receiver(subscription)?;
            Some((url.to_owned(), signing_key(shared, delivery, keys)))
        }
        Receiver::Ratepay { subscription } => {
            let state = lock(&shared.ratepay);
            let (url, keys) = state.receiver(subscription)?;
            Some((url.to_owned(), signing_key(shared, delivery, keys)))
        }
    }
}

/// The key in force, unless a fault makes a difference.
fn signing_key(shared: &Shared, delivery: &Delivery, keys: &Keys) -> Secret {
    let in_force = keys.in_force();
    let old = |kind: &DeliveryFaultKind| {
        let old = match kind {
            DeliveryFaultKind::OldKeyForQueued => delivery.queued_with.as_ref()?,
            DeliveryFaultKind::KeySwitchDelayed(by) => {
                let then = shared.clock.now().checked_sub(*by);
                keys.in_force_at(then.unwrap_or(SystemTime::UNIX_EPOCH))
            }
            DeliveryFaultKind::Duplicate | DeliveryFaultKind::Reorder => return None,
        };
        (old != in_force).then_some(old)
    };
    let faulty = shared.delivery_faults.take(|kind| old(kind).is_some());
    let Some((old_key, injected)) = faulty.and_then(|(kind, it)| Some((old(&kind)?, it))) else {
        return in_force.clone();
    };
    let effect = DeliveryFaultEffect::SignedWithOldKey(delivery.id);
    injected.record(hit(shared, effect));
    old_key.clone()
}

fn hit(shared: &Shared, effect: DeliveryFaultEffect) -> DeliveryFaultHit {
    DeliveryFaultHit {
        at: shared.clock.now(),
        effect,
    }
}
