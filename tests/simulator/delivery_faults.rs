//! Each fault of deliveries does what its name says, and says that it did.

use std::time::Duration;

use crate::receiver::{deliver_while_the_key_changes, simulator_with_a_pause};
use crate::support::{self, Server};
use serde_json::json;
use uuid::Uuid;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{
    Clock, DeliveryFault, DeliveryFaultEffect, DeliveryReport, Simulator,
};

/// A simulator, and a subscription of a receiver that accepts everything.
struct Case {
    simulator: Simulator,
    receiver: Server,
    id: Uuid,
}

impl Case {
    async fn new() -> Self {
        Self::answering(&[200]).await
    }

    /// With a receiver that answers with these statuses in turn, and with the last from then on.
    async fn answering(statuses: &'static [u16]) -> Self {
        let simulator = Simulator::builder().clock(Clock::stopped());
        let simulator = simulator.start().await.unwrap();
        let receiver = crate::receiver::receiver(statuses).await;
        let url = receiver.base_url().parse().unwrap();
        let id = simulator.pandadoc().add_subscription(&url);
        Self {
            simulator,
            receiver,
            id,
        }
    }

    fn queue(&self) -> Uuid {
        let pandadoc = self.simulator.pandadoc();
        pandadoc
            .queue(&self.id, "document_updated", json!({}))
            .unwrap()
    }

    async fn regenerate(&self) {
        let client = self.simulator.pandadoc().client_builder().build().unwrap();
        client
            .update_webhook_subscription_shared_key(&self.id)
            .await
            .unwrap();
    }

    async fn deliver(&self) -> String {
        let pandadoc = self.simulator.pandadoc();
        let report = pandadoc
            .deliver(&self.id, "document_updated", json!({}))
            .await;
        signature(&report.unwrap())
    }
}

/// Every delivery here has one body, so the signature tells one key from another.
fn signature(report: &DeliveryReport) -> String {
    report.attempts[0].signature.clone()
}

#[tokio::test]
async fn without_a_fault_what_was_queued_is_signed_with_the_new_key() {
    let case = Case::new().await;
    case.queue();
    case.regenerate().await;
    let queued = case.simulator.deliver_queued().await;
    assert_eq!(signature(&queued[0]), case.deliver().await);
}

#[tokio::test]
async fn old_key_for_queued_signs_what_was_queued_before_with_the_key_of_then() {
    let case = Case::new().await;
    let fault = DeliveryFault::old_key_for_queued();
    let injected = case.simulator.inject_into_deliveries(fault);
    let with_old_key = case.deliver().await;
    let id = case.queue();
    case.regenerate().await;
    let queued = case.simulator.deliver_queued().await;
    let with_new_key = case.deliver().await;
    assert_ne!(with_old_key, with_new_key);
    assert_eq!(
        (signature(&queued[0]), &injected.hits()[0].effect),
        (with_old_key, &DeliveryFaultEffect::SignedWithOldKey(id))
    );
}

#[tokio::test]
async fn a_fault_of_the_key_concerns_every_attempt_of_a_delivery() {
    let case = Case::answering(&[200, 401, 200]).await;
    let fault = DeliveryFault::old_key_for_queued().once();
    let injected = case.simulator.inject_into_deliveries(fault);
    let with_old_key = case.deliver().await;
    case.queue();
    case.regenerate().await;
    let queued = case.simulator.deliver_queued().await;
    let attempts = queued[0].attempts.iter();
    let signatures: Vec<_> = attempts.map(|it| it.signature.clone()).collect();
    assert_eq!(
        (signatures, injected.hits().len()),
        (vec![with_old_key; 2], 1)
    );
}

#[tokio::test]
async fn old_key_for_queued_says_nothing_where_the_key_is_the_same() {
    let case = Case::new().await;
    let fault = DeliveryFault::old_key_for_queued();
    let injected = case.simulator.inject_into_deliveries(fault);
    case.queue();
    case.simulator.deliver_queued().await;
    assert_eq!(injected.hits(), []);
}

#[tokio::test]
async fn old_key_for_queued_does_the_same_at_ratepay() {
    let case = Case::new().await;
    let ratepay = case.simulator.ratepay();
    let fault = DeliveryFault::old_key_for_queued();
    let injected = case.simulator.inject_into_deliveries(fault);
    let url: webhook_subscriptions::WebhookUrl = case.receiver.base_url().parse().unwrap();
    let id = ratepay.add_subscription(&url, "A", SigningSecret::generate());
    let queued = ratepay.queue(&id, &json!({})).unwrap();
    let client = ratepay.client_builder().build().unwrap();
    let update = webhook_subscriptions::ratepay::types::SubscriptionRequest {
        url,
        ..support::subscription()
    };
    client.update_subscription(&id, &update).await.unwrap();
    case.simulator.deliver_queued().await;
    let expected = DeliveryFaultEffect::SignedWithOldKey(queued);
    assert_eq!(injected.hits()[0].effect, expected);
}

#[tokio::test]
async fn old_key_for_queued_signs_a_retry_with_the_key_of_the_first_attempt() {
    let simulator = simulator_with_a_pause().await;
    let injected = simulator.inject_into_deliveries(DeliveryFault::old_key_for_queued());
    let report = deliver_while_the_key_changes(&simulator).await;
    let attempts = report.attempts.iter();
    let generations: Vec<_> = attempts.map(|it| it.key_generation).collect();
    assert_eq!((generations, injected.hits().len()), (vec![1, 1], 1));
}

#[tokio::test]
async fn old_key_for_queued_signs_what_is_delivered_again_with_the_key_of_then() {
    let case = Case::new().await;
    let fault = DeliveryFault::old_key_for_queued();
    case.simulator.inject_into_deliveries(fault);
    let pandadoc = case.simulator.pandadoc();
    let first = pandadoc.deliver(&case.id, "document_updated", json!({}));
    let first = first.await.unwrap();
    pandadoc.change_key_at_dashboard(&case.id).unwrap();
    let again = pandadoc.redeliver(&first.id).await.unwrap();
    assert_eq!(signature(&again), signature(&first));
}

#[tokio::test]
async fn key_switch_delayed_can_concern_a_number_of_deliveries() {
    let case = Case::new().await;
    let fault = DeliveryFault::key_switch_delayed(Duration::MAX).times(2);
    case.simulator.inject_into_deliveries(fault);
    let with_old_key = case.deliver().await;
    case.regenerate().await;
    let after = [
        case.deliver().await,
        case.deliver().await,
        case.deliver().await,
    ];
    let is_old = after.map(|signature| signature == with_old_key);
    assert_eq!(is_old, [true, true, false]);
}

#[tokio::test]
async fn key_switch_delayed_signs_with_the_old_key_until_the_time_is_over() {
    let case = Case::new().await;
    let fault = DeliveryFault::key_switch_delayed(Duration::from_secs(60));
    let injected = case.simulator.inject_into_deliveries(fault);
    let with_old_key = case.deliver().await;
    case.regenerate().await;
    case.simulator.clock().advance(Duration::from_secs(59));
    let before = case.deliver().await;
    case.simulator.clock().advance(Duration::from_secs(1));
    let after = case.deliver().await;
    assert_eq!(
        (
            before == with_old_key,
            after == with_old_key,
            injected.hits().len()
        ),
        (true, false, 1)
    );
}

#[tokio::test]
async fn key_switch_delayed_does_the_same_at_ratepay() {
    let case = Case::new().await;
    let ratepay = case.simulator.ratepay();
    let fault = DeliveryFault::key_switch_delayed(Duration::from_secs(60));
    let injected = case.simulator.inject_into_deliveries(fault);
    let url: webhook_subscriptions::WebhookUrl = case.receiver.base_url().parse().unwrap();
    let id = ratepay.add_subscription(&url, "A", SigningSecret::generate());
    let with_old_key = ratepay.deliver(&id, &json!({})).await.unwrap();
    case.simulator.clock().advance(Duration::from_secs(60));
    let client = ratepay.client_builder().build().unwrap();
    let update = webhook_subscriptions::ratepay::types::SubscriptionRequest {
        url,
        ..support::subscription()
    };
    client.update_subscription(&id, &update).await.unwrap();
    let report = ratepay.deliver(&id, &json!({})).await.unwrap();
    let expected = DeliveryFaultEffect::SignedWithOldKey(report.id);
    assert_eq!(
        (signature(&report), &injected.hits()[0].effect),
        (signature(&with_old_key), &expected)
    );
}

#[tokio::test]
async fn duplicate_posts_once_more_with_the_same_event_id() {
    let mut case = Case::new().await;
    let fault = DeliveryFault::duplicate().once();
    let injected = case.simulator.inject_into_deliveries(fault);
    case.deliver().await;
    case.deliver().await;
    let hits = injected.hits();
    let [DeliveryFaultEffect::Duplicated(id)] = [hits[0].effect.clone()] else {
        panic!("{hits:?}");
    };
    let mut with_this_id = 0;
    for _ in 0..3 {
        let request = case.receiver.request().await;
        with_this_id += usize::from(request.contains(&id.to_string()));
    }
    assert_eq!((with_this_id, hits.len()), (2, 1));
}

#[tokio::test]
async fn duplicate_waits_for_a_delivery_that_is_accepted() {
    // Three attempts are refused.
    let case = Case::answering(&[500, 500, 500, 200]).await;
    let fault = DeliveryFault::duplicate().once();
    let injected = case.simulator.inject_into_deliveries(fault);
    case.deliver().await;
    let hits_of_a_refusal = injected.hits().len();
    case.deliver().await;
    assert_eq!((hits_of_a_refusal, injected.hits().len()), (0, 1));
}

#[tokio::test]
async fn duplicate_waits_for_a_delivery_that_is_made_at_all() {
    let case = Case::new().await;
    let fault = DeliveryFault::duplicate().once();
    let injected = case.simulator.inject_into_deliveries(fault);
    let client = case.simulator.pandadoc().client_builder().build().unwrap();
    let url = case.receiver.base_url().parse().unwrap();
    let removed = case.simulator.pandadoc().add_subscription(&url);
    let pandadoc = case.simulator.pandadoc();
    pandadoc
        .queue(&removed, "document_updated", json!({}))
        .unwrap();
    client.delete_webhook_subscription(&removed).await.unwrap();
    case.simulator.deliver_queued().await;
    case.deliver().await;
    assert_eq!(injected.hits().len(), 1);
}

#[tokio::test]
async fn without_a_fault_the_queue_is_delivered_in_order() {
    let case = Case::new().await;
    let queued = [case.queue(), case.queue(), case.queue()];
    let reports = case.simulator.deliver_queued().await;
    let order: Vec<Uuid> = reports.iter().map(|report| report.id).collect();
    assert_eq!(order, queued);
}

#[tokio::test]
async fn reorder_delivers_the_queue_from_its_end() {
    let mut case = Case::new().await;
    let injected = case
        .simulator
        .inject_into_deliveries(DeliveryFault::reorder());
    let queued = [case.queue(), case.queue(), case.queue()];
    case.simulator.deliver_queued().await;
    let first = case.receiver.request().await;
    let order = queued.into_iter().rev().collect();
    assert_eq!(
        (
            first.contains(&queued[2].to_string()),
            &injected.hits()[0].effect
        ),
        (true, &DeliveryFaultEffect::Reordered(order))
    );
}

#[tokio::test]
async fn what_was_delivered_is_no_longer_in_the_queue() {
    let case = Case::new().await;
    case.queue();
    case.simulator.deliver_queued().await;
    assert_eq!(case.simulator.deliver_queued().await.len(), 0);
}
