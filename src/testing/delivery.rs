//! Deliveries to receivers: signed, posted, tried again, and reported.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
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
use crate::pandadoc::delivery::EVENT_ID;
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
    // Once for all attempts: were it asked at each, a second one would hide what a fault does once.
    let old_key = old_key(shared, delivery);
    let mut attempts = Vec::new();
    for _ in 0..most {
        let Some(attempt) = attempt(shared, delivery, old_key.as_ref()).await else {
            break;
        };
        let is_accepted = attempt.is_accepted();
        attempts.push(attempt);
        if is_accepted {
            break;
        }
    }
    if attempts.last().is_some_and(DeliveryAttempt::is_accepted) {
        attempts.extend(duplicate(shared, delivery, old_key.as_ref()).await);
    }
    DeliveryReport {
        id: delivery.id,
        attempts,
    }
}

/// Posts what was accepted once more, if a fault says so.
async fn duplicate(
    shared: &Shared,
    delivery: &Delivery,
    old_key: Option<&Secret>,
) -> Option<DeliveryAttempt> {
    let request = request(shared, delivery, old_key)?;
    // Not before it is certain that something is posted.
    let duplicate = |kind: &DeliveryFaultKind| *kind == DeliveryFaultKind::Duplicate;
    let (_, injected) = shared.delivery_faults.take(duplicate)?;
    injected.record(hit(shared, DeliveryFaultEffect::Duplicated(delivery.id)));
    Some(send(shared, delivery, request).await)
}

/// Posts a delivery once, unless its subscription takes none any more.
async fn attempt(
    shared: &Shared,
    delivery: &Delivery,
    old_key: Option<&Secret>,
) -> Option<DeliveryAttempt> {
    let request = request(shared, delivery, old_key)?;
    Some(send(shared, delivery, request).await)
}

/// What is posted.
struct Signed {
    /// The subscription's.
    url: String,
    /// The URL with what its provider adds.
    target: Url,
    headers: HeaderMap,
    signature: String,
}

fn request(shared: &Shared, delivery: &Delivery, old_key: Option<&Secret>) -> Option<Signed> {
    let destination = |url: &str, keys: &Keys| {
        let key = old_key.unwrap_or(keys.in_force());
        (url.to_owned(), key.clone())
    };
    let (url, key) = with_receiver(shared, delivery, destination)?;
    // It may have been changed since the delivery was put into the queue.
    check_url(&url).ok()?;
    let mut target = Url::parse(&url).ok()?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let signature = match &delivery.to {
        Receiver::PandaDoc { .. } => {
            let signature = Key::<PandaDoc>::new(&key).ok()?.sign(&delivery.body);
            target = Url::parse(&signature.append_to(&url)).ok()?;
            headers.insert(USER_AGENT, HeaderValue::from_static("PandaDoc Webhooks"));
            let id = HeaderValue::try_from(delivery.id.to_string()).ok()?;
            headers.insert(EVENT_ID, id);
            signature.to_string()
        }
        Receiver::Ratepay { .. } => {
            let signature = Key::<Ratepay>::new(&key).ok()?.sign(&delivery.body);
            let signature = signature.to_string();
            let value = HeaderValue::try_from(&signature).ok()?;
            headers.insert(Ratepay::HEADER, value);
            signature
        }
    };
    Some(Signed {
        url,
        target,
        headers,
        signature,
    })
}

/// Posts it, and has its provider draw the consequences.
async fn send(shared: &Shared, delivery: &Delivery, signed: Signed) -> DeliveryAttempt {
    let Signed {
        url,
        target,
        headers,
        signature,
    } = signed;
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
    attempt
}

/// Looks at where a delivery goes, and at the keys of its subscription.
fn with_receiver<T>(
    shared: &Shared,
    delivery: &Delivery,
    look: impl FnOnce(&str, &Keys) -> T,
) -> Option<T> {
    match &delivery.to {
        Receiver::PandaDoc { subscription, .. } => {
            let state = lock(&shared.pandadoc);
            let (url, keys) = state.receiver(subscription)?;
            Some(look(url, keys))
        }
        Receiver::Ratepay { subscription } => {
            let state = lock(&shared.ratepay);
            let (url, keys) = state.receiver(subscription)?;
            Some(look(url, keys))
        }
    }
}

/// The key that a fault puts in the place of the one in force.
fn old_key(shared: &Shared, delivery: &Delivery) -> Option<Secret> {
    let (old_key, injected) = with_receiver(shared, delivery, |_, keys| {
        let old = |kind: &DeliveryFaultKind| {
            let old = match kind {
                DeliveryFaultKind::OldKeyForQueued => delivery.queued_with.as_ref()?,
                DeliveryFaultKind::KeySwitchDelayed(by) => {
                    let then = shared.clock.now().checked_sub(*by);
                    keys.in_force_at(then.unwrap_or(SystemTime::UNIX_EPOCH))
                }
                DeliveryFaultKind::Duplicate | DeliveryFaultKind::Reorder => return None,
            };
            (old != keys.in_force()).then_some(old)
        };
        let (kind, injected) = shared.delivery_faults.take(|kind| old(kind).is_some())?;
        Some((old(&kind)?.clone(), injected))
    })??;
    let effect = DeliveryFaultEffect::SignedWithOldKey(delivery.id);
    injected.record(hit(shared, effect));
    Some(old_key)
}

fn hit(shared: &Shared, effect: DeliveryFaultEffect) -> DeliveryFaultHit {
    DeliveryFaultHit {
        at: shared.clock.now(),
        effect,
    }
}
