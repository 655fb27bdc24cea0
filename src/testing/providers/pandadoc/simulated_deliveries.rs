//! The deliveries of PandaDoc's side of a simulator, as a test controls them.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{json, Value};
use uuid::Uuid;

use super::backend::{signed_request, Backend};
use super::simulated_pandadoc::SimulatedPandaDoc;
use super::subscription::Subscription;
use crate::pandadoc::types::WebhookSubscriptionTriggerEnum;
use crate::testing::deliveries::delivery::{Delivery, Receivers};
use crate::testing::deliveries::forger::Forger;
use crate::testing::deliveries::report::{DeliveryError, DeliveryReport};
use crate::testing::deliveries::steady::SteadyDeliveries;
use crate::testing::operation::Provider;
use crate::testing::providers::random;

impl<'a> SimulatedPandaDoc<'a> {
    /// Posts one event to a subscription's URL, signed with the current key, and reports the response.
    ///
    /// - The body is an array of one `{event, data}`.
    /// - The signature, HMAC-SHA256, is added to the query of the URL, as
    ///   [`Signature::append_to`](crate::verify::Signature::append_to) describes.
    /// - The id is in the header `X-PandaDoc-Webhook-Event-Id`.
    /// - Any 2xx status accepts the delivery; PandaDoc asks for 200.
    /// - Any other result is retried, up to
    ///   [`delivery_attempts`](crate::testing::SimulatorBuilder::delivery_attempts) in total.
    /// - An attempt times out after 20 seconds by the simulator's clock.
    /// - PandaDoc switches the subscription off if its receiver responds with 410 or fails for 7 days.
    ///
    /// Sources: <https://developers.pandadoc.com/docs/webhook-verification>,
    /// <https://developers.pandadoc.com/docs/webhook-setup>,
    /// <https://developers.pandadoc.com/docs/webhook-deduplication>,
    /// <https://hc.pandadoc.com/en/articles/9714966-webhooks>.
    ///
    /// # Errors
    ///
    /// Returns an error if the event can't be delivered; see [`DeliveryError`].
    pub fn deliver<E: Into<WebhookSubscriptionTriggerEnum>>(
        self,
        id: &Uuid,
        event: E,
        data: Value,
    ) -> impl Future<Output = Result<DeliveryReport, DeliveryError>> + use<'a, E> {
        self.deliver_batch(id, vec![(event.into(), data)])
    }

    /// Does the same with several events in one request, as PandaDoc may send them.
    ///
    /// The history names the first event.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`deliver`](Self::deliver), and an error if `events` is empty.
    pub fn deliver_batch(
        self,
        id: &Uuid,
        events: Vec<(WebhookSubscriptionTriggerEnum, Value)>,
    ) -> impl Future<Output = Result<DeliveryReport, DeliveryError>> + use<'a> {
        let id = *id;
        async move {
            let delivery = self.delivery(&id, &events)?;
            Ok(self.sender.deliver(&**self.backend, &delivery).await)
        }
    }

    /// Queues one event and returns the id of its delivery.
    ///
    /// [`Simulator::deliver_queued`](crate::testing::Simulator::deliver_queued) sends it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`deliver`](Self::deliver).
    pub fn queue(
        self,
        id: &Uuid,
        event: impl Into<WebhookSubscriptionTriggerEnum>,
        data: Value,
    ) -> Result<Uuid, DeliveryError> {
        let delivery = self.delivery(id, &[(event.into(), data)])?;
        Ok(self.sender.queue(self.backend.clone(), delivery))
    }

    /// Sends a delivery of the history again, like a user of PandaDoc's dashboard.
    ///
    /// The delivery has the same event id and is signed with the current key, unless
    /// [`DeliveryFault::old_key_for_queued`](crate::testing::DeliveryFault::old_key_for_queued) says otherwise.
    ///
    /// # Errors
    ///
    /// Returns an error if the history of 15 days has no such event, or if the subscription accepts no
    /// deliveries.
    pub fn redeliver(
        self,
        event: &Uuid,
    ) -> impl Future<Output = Result<DeliveryReport, DeliveryError>> + use<'a> {
        let event = *event;
        async move {
            let delivery = self.past_delivery(&event)?;
            Ok(self.sender.deliver(&**self.backend, &delivery).await)
        }
    }

    /// Delivers an event in the background, once in each period by the simulator's clock.
    ///
    /// The first delivery begins at once. Each has another event id, is signed with the key that is current
    /// then, and is reported by [`SteadyDeliveries::stop`]. See [`deliver`](Self::deliver) and
    /// [`SteadyDeliveries`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`deliver`](Self::deliver).
    ///
    /// # Panics
    ///
    /// Panics if `period` is 0.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use serde_json::json;
    /// # use webhook_subscriptions::testing::{DeliveryError, Simulator, SteadyReport};
    /// # async fn example(simulator: Simulator, id: uuid::Uuid) -> Result<(), DeliveryError> {
    /// let pandadoc = simulator.pandadoc();
    /// let event = ("document_updated", json!({"id": "my-document"}));
    /// let thousand_a_second = Duration::from_millis(1);
    /// let deliveries = pandadoc.deliver_steadily(&id, event, thousand_a_second)?;
    /// // ... rotate the key ...
    /// let report = deliveries.stop().await;
    /// assert_eq!((report.never_accepted(), report.overruns), (0, 0));
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn deliver_steadily(
        self,
        id: &Uuid,
        (event, data): (impl Into<WebhookSubscriptionTriggerEnum>, Value),
        period: Duration,
    ) -> Result<SteadyDeliveries, DeliveryError> {
        let delivery = self.delivery(id, &[(event.into(), data)])?;
        let source = self.backend.clone();
        Ok(SteadyDeliveries::start(
            self.sender,
            source,
            delivery,
            random::uuid,
            period,
        ))
    }

    /// Posts forged deliveries in the background, once in each period by the simulator's clock.
    ///
    /// The function does the same as [`deliver_steadily`](Self::deliver_steadily), with these differences:
    ///
    /// - Each delivery is signed with another random key, so a careful receiver accepts none.
    /// - Each is posted once, to the URL that the subscription has at the time of this call.
    /// - The history doesn't contain them, and they don't switch the subscription off.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`deliver`](Self::deliver).
    ///
    /// # Panics
    ///
    /// Panics if `period` is 0.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use serde_json::json;
    /// # use webhook_subscriptions::testing::{DeliveryError, Simulator};
    /// # async fn example(simulator: Simulator, id: uuid::Uuid) -> Result<(), DeliveryError> {
    /// let event = ("document_updated", json!({"id": "forged"}));
    /// let forged = simulator
    ///     .pandadoc()
    ///     .forge_steadily(&id, event, Duration::from_millis(100))?;
    /// // ... rotate the key ...
    /// let report = forged.stop().await;
    /// assert_eq!(report.never_accepted(), report.deliveries.len());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn forge_steadily(
        self,
        id: &Uuid,
        (event, data): (impl Into<WebhookSubscriptionTriggerEnum>, Value),
        period: Duration,
    ) -> Result<SteadyDeliveries, DeliveryError> {
        let delivery = self.delivery(id, &[(event.into(), data)])?;
        let url = self
            .lock()
            .subscription(id)
            .map(|it| it.settings().url.clone());
        let url = url.ok_or(DeliveryError::NoSubscription)?;
        let forger = Forger::new(url, || random::base62(22).into(), signed_request);
        let source = Arc::new(Mutex::new(forger));
        Ok(SteadyDeliveries::start(
            self.sender,
            source,
            delivery,
            random::uuid,
            period,
        ))
    }

    fn past_delivery(self, event: &Uuid) -> Result<Delivery, DeliveryError> {
        let backend = self.lock();
        let event = backend.events.find(event, self.sender.clock().now());
        let delivery = event.ok_or(DeliveryError::NoEvent)?.delivery.clone();
        let subscription = delivery.subscription.parse();
        let subscription = subscription.map_err(|_| DeliveryError::NoSubscription)?;
        let events = [delivery.event_type.as_str()];
        check(&backend, &subscription, events, self.sender.receivers())?;
        Ok(delivery)
    }

    fn delivery(
        self,
        id: &Uuid,
        events: &[(WebhookSubscriptionTriggerEnum, Value)],
    ) -> Result<Delivery, DeliveryError> {
        let (first, _) = events.first().ok_or(DeliveryError::NoEvent)?;
        let names = events.iter().map(|(event, _)| event.as_str());
        let backend = self.lock();
        let subscription = check(&backend, id, names, self.sender.receivers())?;
        let item = |(event, data): &(_, _)| json!({"event": event, "data": data});
        let body: Value = events.iter().map(item).collect();
        Ok(Delivery {
            id: random::uuid(),
            provider: Provider::PandaDoc,
            subscription: id.to_string(),
            event_type: first.as_str().to_owned(),
            body: Bytes::from(body.to_string()),
            created: self.sender.clock().now(),
            key: subscription.keys.current().clone(),
        })
    }
}

/// Returns a subscription if it accepts these events.
fn check<'b, 'e>(
    backend: &'b Backend,
    id: &Uuid,
    events: impl IntoIterator<Item = &'e str>,
    receivers: Receivers,
) -> Result<&'b Subscription, DeliveryError> {
    let subscription = backend
        .subscription(id)
        .ok_or(DeliveryError::NoSubscription)?;
    let settings = subscription.settings();
    if !settings.active {
        return Err(DeliveryError::Inactive);
    }
    for event in events {
        if !settings.is_triggered_by(event) {
            return Err(DeliveryError::NotSubscribed(event.to_owned()));
        }
    }
    receivers.check(&settings.url)?;
    Ok(subscription)
}
