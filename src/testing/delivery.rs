//! Deliveries to receivers: signed, posted, tried again, and reported.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{HeaderName, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use url::Url;
use uuid::Uuid;

use super::delivery_fault::{DeliveryFaultEffect, DeliveryFaultHit, DeliveryFaultKind};
use super::keys::Keys;
use super::pandadoc::Delivered;
use super::post::post;
use super::shared::Shared;
use super::{lock, signing};
use crate::runtime::is_loopback;
use crate::secret::Secret;

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

/// What became of a delivery.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveryReport {
    /// The id of the delivery: PandaDoc's event id, in `X-PandaDoc-Webhook-Event-Id`. Ratepay's
    /// deliveries show none.
    pub id: Uuid,
    /// Every time that it was posted, in order. None: the subscription was removed or switched off
    /// while it waited.
    pub attempts: Vec<DeliveryAttempt>,
}

impl DeliveryReport {
    /// Whether a receiver accepted it in the end.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.attempts
            .last()
            .is_some_and(DeliveryAttempt::is_accepted)
    }

    /// What the receiver answered to the last attempt, if it did.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.attempts.last()?.status()
    }
}

/// One POST to a receiver.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// The subscription's URL, without the signature.
    pub url: String,
    /// The signature that went with it, in hexadecimal digits.
    pub signature: String,
    /// What came back.
    pub result: Result<Received, DeliveryFailure>,
}

impl DeliveryAttempt {
    /// Whether the receiver answered with a 2xx status.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.status().is_some_and(|status| status.is_success())
    }

    /// What the receiver answered, if it did.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        Some(self.result.as_ref().ok()?.status)
    }
}

/// What a receiver answered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Received {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Why a receiver gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryFailure {
    /// No connection came about.
    #[error("the receiver cannot be reached: {0}; see that it listens there")]
    NotConnected(String),
    /// It did not answer in 20 seconds by the simulator's clock.
    #[error("the receiver did not answer in 20 seconds; answer before the work is done")]
    TimedOut,
    /// The connection broke, or what came back is no HTTP.
    #[error(
        "the receiver gave no answer that can be read: {0}; see what it does with the request"
    )]
    Broken(String),
}

/// Why nothing can be delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The provider knows no subscription of this id.
    #[error("there is no such subscription; create one, or add one to the simulator")]
    NoSubscription,
    /// The subscription is switched off.
    #[error("the subscription is switched off; set `active` to true")]
    Inactive,
    /// The subscription has other triggers.
    #[error("the subscription is not triggered by {0}; add it to `triggers`")]
    NotSubscribed(String),
    /// There is no event to deliver: none was given, or the history has none of this id.
    #[error("there is no such event; give one, or the id of one that was delivered")]
    NoEvent,
    /// The subscription's URL is not one of this machine.
    #[error(
        "the simulator delivers by http to a loopback address alone; subscribe with such a URL"
    )]
    NotThisMachine,
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
            let signature = signing::pandadoc(&key, &delivery.body);
            target
                .query_pairs_mut()
                .append_pair("signature", &signature);
            headers.insert(USER_AGENT, HeaderValue::from_static("PandaDoc Webhooks"));
            let id = HeaderValue::try_from(delivery.id.to_string()).ok()?;
            headers.insert(HeaderName::from_static("x-pandadoc-webhook-event-id"), id);
            signature
        }
        Receiver::Ratepay { .. } => {
            let signature = signing::ratepay(&key, &delivery.body);
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
