//! Sends deliveries, with retries and faults.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::header::CONTENT_TYPE;
use http::HeaderValue;
use uuid::Uuid;

use super::delivery::{check_url, Delivery, DeliverySource, SignedRequest};
use super::http_post::post;
use super::report::{DeliveryAttempt, DeliveryFailure, DeliveryReport};
use crate::secret::Secret;
use crate::testing::clock::Clock;
use crate::testing::faults::delivery_fault::{
    DeliveryFault, DeliveryFaultEffect, DeliveryFaultHit, DeliveryFaultKind,
};
use crate::testing::faults::injected_fault::{ActiveFaults, InjectedFault};
use crate::testing::lock::lock;

/// How long a receiver has to respond (<https://developers.pandadoc.com/docs/webhook-setup>). Ratepay
/// documents no timeout; the simulator uses the same one.
const TIMEOUT: Duration = Duration::from_secs(20);

type Source = Mutex<dyn DeliverySource>;

/// Sends the deliveries of both providers, at once or from a queue.
pub(crate) struct DeliverySender {
    clock: Clock,
    faults: ActiveFaults<DeliveryFaultKind, DeliveryFaultHit>,
    queue: Mutex<Vec<QueuedDelivery>>,
}

struct QueuedDelivery {
    source: Arc<Source>,
    delivery: Delivery,
    /// The key that was current when the delivery was queued.
    key: Option<Secret>,
}

/// The URL of a subscription, and a signed request to it.
struct Outgoing {
    subscription_url: String,
    request: SignedRequest,
}

impl DeliverySender {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            faults: ActiveFaults::default(),
            queue: Mutex::default(),
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn inject(&self, fault: &DeliveryFault) -> InjectedFault<DeliveryFaultHit> {
        self.faults.inject(fault.kind, fault.times)
    }

    /// Queues a delivery and returns its id.
    pub(crate) fn queue(&self, source: Arc<Source>, delivery: Delivery) -> Uuid {
        let id = delivery.id;
        let key = lock(&source)
            .destination(&delivery.subscription)
            .map(|(_, keys)| keys.current().clone());
        lock(&self.queue).push(QueuedDelivery {
            source,
            delivery,
            key,
        });
        id
    }

    /// Sends everything in the queue.
    pub(crate) async fn deliver_queued(&self) -> Vec<DeliveryReport> {
        let mut queued = std::mem::take(&mut *lock(&self.queue));
        if queued.len() > 1 {
            let reorder = |kind: &DeliveryFaultKind| *kind == DeliveryFaultKind::Reorder;
            if let Some((_, injected)) = self.faults.trigger(reorder) {
                queued.reverse();
                let order = queued.iter().map(|queued| queued.delivery.id).collect();
                injected.record(self.hit(DeliveryFaultEffect::Reordered(order)));
            }
        }
        let mut reports = Vec::with_capacity(queued.len());
        for queued in &queued {
            let key = queued.key.as_ref();
            reports.push(self.send(&queued.source, &queued.delivery, key).await);
        }
        reports
    }

    /// Sends a delivery that wasn't queued.
    pub(crate) async fn deliver(&self, source: &Source, delivery: &Delivery) -> DeliveryReport {
        self.send(source, delivery, None).await
    }

    /// Posts a delivery until the receiver accepts it or no attempt remains.
    async fn send(
        &self,
        source: &Source,
        delivery: &Delivery,
        queued_key: Option<&Secret>,
    ) -> DeliveryReport {
        let max_attempts = lock(source).max_attempts();
        // Decided once for all attempts. A later attempt would otherwise hide a fault that happens once.
        let old_key = self.old_key(source, delivery, queued_key);
        let mut attempts = Vec::new();
        for _ in 0..max_attempts {
            let Some(outgoing) = sign(source, delivery, old_key.as_ref()) else {
                break;
            };
            let attempt = self.attempt(source, delivery, outgoing).await;
            let is_accepted = attempt.is_accepted();
            attempts.push(attempt);
            if is_accepted {
                break;
            }
        }
        if attempts.last().is_some_and(DeliveryAttempt::is_accepted) {
            let duplicate = self.duplicate(source, delivery, old_key.as_ref());
            attempts.extend(duplicate.await);
        }
        DeliveryReport {
            id: delivery.id,
            attempts,
        }
    }

    /// Posts an accepted delivery once more, if a fault asks for it.
    async fn duplicate(
        &self,
        source: &Source,
        delivery: &Delivery,
        old_key: Option<&Secret>,
    ) -> Option<DeliveryAttempt> {
        // The fault is triggered only after it is certain that something is posted.
        let outgoing = sign(source, delivery, old_key)?;
        let duplicate = |kind: &DeliveryFaultKind| *kind == DeliveryFaultKind::Duplicate;
        let (_, injected) = self.faults.trigger(duplicate)?;
        injected.record(self.hit(DeliveryFaultEffect::Duplicated(delivery.id)));
        Some(self.attempt(source, delivery, outgoing).await)
    }

    /// Posts a delivery once and records the result at its provider.
    async fn attempt(
        &self,
        source: &Source,
        delivery: &Delivery,
        outgoing: Outgoing,
    ) -> DeliveryAttempt {
        let SignedRequest {
            url,
            headers,
            signature,
        } = outgoing.request;
        let result = tokio::select! {
            result = post(&url, headers, delivery.body.clone()) => result,
            () = self.clock.sleep(TIMEOUT) => Err(DeliveryFailure::TimedOut),
        };
        let attempt = DeliveryAttempt {
            url: outgoing.subscription_url,
            signature,
            result,
        };
        let now = self.clock.now();
        lock(source).record_attempt(delivery, &attempt, now);
        attempt
    }

    /// Returns the key with which a fault replaces the current one.
    fn old_key(
        &self,
        source: &Source,
        delivery: &Delivery,
        queued_key: Option<&Secret>,
    ) -> Option<Secret> {
        let source = lock(source);
        let (_, keys) = source.destination(&delivery.subscription)?;
        let old_key = |kind: &DeliveryFaultKind| {
            let key = match kind {
                DeliveryFaultKind::OldKeyForQueued => queued_key?,
                DeliveryFaultKind::KeySwitchDelayed(by) => {
                    let then = self.clock.now().checked_sub(*by);
                    keys.current_at(then.unwrap_or(SystemTime::UNIX_EPOCH))
                }
                DeliveryFaultKind::Duplicate | DeliveryFaultKind::Reorder => return None,
            };
            (key != keys.current()).then_some(key)
        };
        let (kind, injected) = self.faults.trigger(|kind| old_key(kind).is_some())?;
        let key = old_key(&kind)?.clone();
        injected.record(self.hit(DeliveryFaultEffect::SignedWithOldKey(delivery.id)));
        Some(key)
    }

    fn hit(&self, effect: DeliveryFaultEffect) -> DeliveryFaultHit {
        DeliveryFaultHit {
            at: self.clock.now(),
            effect,
        }
    }
}

/// Signs a delivery, unless its subscription accepts none any more.
fn sign(source: &Source, delivery: &Delivery, old_key: Option<&Secret>) -> Option<Outgoing> {
    let source = lock(source);
    let (url, keys) = source.destination(&delivery.subscription)?;
    // The URL may have changed since the delivery was queued.
    check_url(url).ok()?;
    let key = old_key.unwrap_or(keys.current());
    let mut request = source.sign(delivery, url, key)?;
    let json = HeaderValue::from_static("application/json");
    request.headers.insert(CONTENT_TYPE, json);
    Some(Outgoing {
        subscription_url: url.to_owned(),
        request,
    })
}
