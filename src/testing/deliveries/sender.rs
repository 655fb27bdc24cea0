//! Sends deliveries, with retries and faults.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::header::CONTENT_TYPE;
use http::HeaderValue;
use uuid::Uuid;

use super::delivery::{Delivery, DeliverySource, Receivers, Retries, SignedRequest};
use super::http_post::post;
use super::recorded_delivery::{DeliveryObserver, RecordedDelivery};
use super::report::{DeliveryAttempt, DeliveryFailure, DeliveryReport};
use crate::secret::Secret;
use crate::testing::clock::Clock;
use crate::testing::faults::delivery_fault::{
    DeliveryFault, DeliveryFaultEffect, DeliveryFaultHit, DeliveryFaultKind,
};
use crate::testing::faults::injected_fault::{ActiveFaults, InjectedFault};
use crate::testing::history::Version;
use crate::testing::lock::lock;
use crate::testing::tasks::TaskSpawner;

/// How long a receiver has to respond (<https://developers.pandadoc.com/docs/webhook-setup>). Ratepay
/// documents no timeout; the simulator uses the same one.
const TIMEOUT: Duration = Duration::from_secs(20);

type Source = Mutex<dyn DeliverySource>;

/// Sends the deliveries of both providers, at once, from a queue, or at a steady rate.
pub(crate) struct DeliverySender {
    clock: Clock,
    tasks: TaskSpawner,
    receivers: Receivers,
    observers: Vec<DeliveryObserver>,
    faults: ActiveFaults<DeliveryFaultKind, DeliveryFaultHit>,
    queue: Mutex<Vec<QueuedDelivery>>,
}

struct QueuedDelivery {
    source: Arc<Source>,
    delivery: Delivery,
}

/// The URL of a subscription, and a signed request to it.
struct Outgoing {
    subscription_url: String,
    key_generation: u64,
    request: SignedRequest,
}

impl DeliverySender {
    pub(crate) fn new(
        clock: Clock,
        tasks: TaskSpawner,
        receivers: Receivers,
        observers: Vec<DeliveryObserver>,
    ) -> Self {
        Self {
            clock,
            tasks,
            receivers,
            observers,
            faults: ActiveFaults::default(),
            queue: Mutex::default(),
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn receivers(&self) -> Receivers {
        self.receivers
    }

    pub(super) fn tasks(&self) -> &TaskSpawner {
        &self.tasks
    }

    pub(crate) fn inject(&self, fault: &DeliveryFault) -> InjectedFault<DeliveryFaultHit> {
        self.faults.inject(fault.kind, fault.times)
    }

    /// Removes the queue and all faults.
    pub(crate) fn reset(&self) {
        lock(&self.queue).clear();
        self.faults.remove_all();
    }

    /// Queues a delivery and returns its id.
    pub(crate) fn queue(&self, source: Arc<Source>, delivery: Delivery) -> Uuid {
        let id = delivery.id;
        lock(&self.queue).push(QueuedDelivery { source, delivery });
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
            reports.push(self.deliver(&queued.source, &queued.delivery).await);
        }
        reports
    }

    /// Posts a delivery until the receiver accepts it or no attempt remains.
    pub(crate) async fn deliver(&self, source: &Source, delivery: &Delivery) -> DeliveryReport {
        let mut ongoing = self.begin(source, delivery);
        while let Some(pause) = ongoing.attempt().await {
            self.clock.sleep(pause).await;
        }
        DeliveryReport {
            id: delivery.id,
            attempts: ongoing.attempts,
        }
    }

    /// Begins a delivery without posting anything yet.
    pub(super) fn begin<'a>(
        &'a self,
        source: &'a Source,
        delivery: &'a Delivery,
    ) -> OngoingDelivery<'a> {
        let retries = lock(source).retries();
        OngoingDelivery {
            retries,
            old_key: None,
            sender: self,
            source,
            delivery,
            attempts: Vec::new(),
        }
    }

    /// Returns the key with which a fault replaces the current one.
    fn old_key(&self, source: &Source, delivery: &Delivery) -> Option<Version<Secret>> {
        let source = lock(source);
        let (_, keys) = source.destination(&delivery.subscription)?;
        let old_key = |kind: &DeliveryFaultKind| {
            let key = match kind {
                DeliveryFaultKind::OldKeyForQueued => &delivery.key,
                DeliveryFaultKind::KeySwitchDelayed(by) => {
                    let then = self.clock.now().checked_sub(*by);
                    keys.current_at(then.unwrap_or(SystemTime::UNIX_EPOCH))
                }
                DeliveryFaultKind::Duplicate | DeliveryFaultKind::Reorder => return None,
            };
            (key.value != keys.current().value).then_some(key)
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

/// A delivery between its attempts.
pub(super) struct OngoingDelivery<'a> {
    sender: &'a DeliverySender,
    source: &'a Source,
    delivery: &'a Delivery,
    retries: Retries,
    old_key: Option<Version<Secret>>,
    pub(super) attempts: Vec<DeliveryAttempt>,
}

impl OngoingDelivery<'_> {
    /// Posts the delivery once. Returns the pause before the next attempt, or `None` if there is none.
    pub(super) async fn attempt(&mut self) -> Option<Duration> {
        // The first fault stays for all later attempts, which would otherwise hide one that happens once.
        if self.old_key.is_none() {
            self.old_key = self.sender.old_key(self.source, self.delivery);
        }
        let outgoing = self.sign()?;
        let attempt = self.post(outgoing).await;
        let is_accepted = attempt.is_accepted();
        self.attempts.push(attempt);
        if is_accepted {
            let duplicate = self.duplicate().await;
            self.attempts.extend(duplicate);
            return None;
        }
        let is_last = self.attempts.len() >= self.retries.max_attempts as usize;
        (!is_last).then_some(self.retries.pause)
    }

    /// Posts an accepted delivery once more, if a fault asks for it.
    async fn duplicate(&self) -> Option<DeliveryAttempt> {
        // The fault is triggered only after it is certain that something is posted.
        let outgoing = self.sign()?;
        let duplicate = |kind: &DeliveryFaultKind| *kind == DeliveryFaultKind::Duplicate;
        let (_, injected) = self.sender.faults.trigger(duplicate)?;
        let effect = DeliveryFaultEffect::Duplicated(self.delivery.id);
        injected.record(self.sender.hit(effect));
        Some(self.post(outgoing).await)
    }

    /// Signs the delivery, unless its subscription accepts none any more.
    fn sign(&self) -> Option<Outgoing> {
        let source = lock(self.source);
        let (url, keys) = source.destination(&self.delivery.subscription)?;
        // The URL may have changed since the delivery was queued.
        self.sender.receivers.check(url).ok()?;
        let key = self.old_key.as_ref().unwrap_or(keys.current());
        let mut request = source.sign(self.delivery, url, &key.value)?;
        let json = HeaderValue::from_static("application/json");
        request.headers.insert(CONTENT_TYPE, json);
        Some(Outgoing {
            subscription_url: url.to_owned(),
            key_generation: key.number,
            request,
        })
    }

    /// Posts a request and records the result at its provider.
    async fn post(&self, outgoing: Outgoing) -> DeliveryAttempt {
        let clock = &self.sender.clock;
        let SignedRequest {
            url,
            headers,
            signature,
        } = outgoing.request;
        let at = clock.now();
        let result = tokio::select! {
            result = post(&url, headers, self.delivery.body.clone()) => result,
            () = clock.sleep(TIMEOUT) => Err(DeliveryFailure::TimedOut),
        };
        let now = clock.now();
        let attempt = DeliveryAttempt {
            url: outgoing.subscription_url,
            signature,
            key_generation: outgoing.key_generation,
            at,
            // The clock never goes back.
            answer_time: now.duration_since(at).unwrap_or_default(),
            result,
        };
        lock(self.source).record_attempt(self.delivery, &attempt, now);
        let recorded = RecordedDelivery {
            id: self.delivery.id,
            provider: self.delivery.provider,
            subscription: self.delivery.subscription.clone(),
            event: self.delivery.event_type.clone(),
            attempt,
        };
        for observer in &self.sender.observers {
            observer(&recorded);
        }
        recorded.attempt
    }
}
