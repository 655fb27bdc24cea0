//! A read can show an earlier state of the subscriptions, and the fault tells that it did.

use std::time::Duration;

use crate::support::{self, URL};
use uuid::Uuid;
use webhook_subscriptions::pandadoc::types::{
    WebhookSubscriptionItemResponse, WebhookSubscriptionPatchRequest,
};
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{Clock, Fault, FaultEffect, Operation, Simulator};
use webhook_subscriptions::RetryPolicy;

const MINUTE: Duration = Duration::from_secs(60);

/// A simulator whose clock is stopped, with a subscription at PandaDoc.
async fn simulator() -> (Simulator, Uuid) {
    let simulator = Simulator::builder().clock(Clock::stopped());
    let simulator = simulator.start().await.unwrap();
    let id = simulator.pandadoc().add_subscription(&URL.parse().unwrap());
    (simulator, id)
}

async fn details(simulator: &Simulator, id: &Uuid) -> WebhookSubscriptionItemResponse {
    let client = simulator.pandadoc().client_builder().build().unwrap();
    let details = client.details_webhook_subscription(id).await;
    details.unwrap().into_inner()
}

#[tokio::test]
async fn the_details_show_the_previous_key_until_the_time_is_over() {
    let (simulator, id) = simulator().await;
    let before = simulator.pandadoc().shared_key(&id);
    simulator.inject(Fault::stale_read(MINUTE));
    let after = simulator.pandadoc().change_key_at_dashboard(&id);
    let mut seen = vec![details(&simulator, &id).await.shared_key];
    for seconds in [59, 1] {
        simulator.clock().advance(Duration::from_secs(seconds));
        seen.push(details(&simulator, &id).await.shared_key);
    }
    assert_eq!(seen, [before.clone(), before, after]);
}

#[tokio::test]
async fn the_list_shows_the_previous_key_too() {
    let (simulator, id) = simulator().await;
    let before = simulator.pandadoc().shared_key(&id);
    simulator.inject(Fault::stale_read(MINUTE));
    simulator.pandadoc().change_key_at_dashboard(&id).unwrap();
    let client = simulator.pandadoc().client_builder().build().unwrap();
    let list = client.list_webhook_subscriptions().await.unwrap();
    let items = list.into_inner().items.unwrap();
    assert_eq!(items[0].shared_key, before);
}

#[tokio::test]
async fn the_details_show_everything_else_as_it_was() {
    let (simulator, id) = simulator().await;
    let before = details(&simulator, &id).await;
    simulator.inject(Fault::stale_read(MINUTE));
    let client = simulator.pandadoc().client_builder().build().unwrap();
    let change = WebhookSubscriptionPatchRequest::new()
        .name("Other")
        .active(false);
    client
        .update_webhook_subscription(&id, &change)
        .await
        .unwrap();
    let stale = details(&simulator, &id).await;
    assert_eq!(
        (stale.name, stale.active, stale.status),
        (before.name, before.active, before.status)
    );
}

#[tokio::test]
async fn the_longest_age_shows_the_first_key() {
    let (simulator, id) = simulator().await;
    let first = simulator.pandadoc().shared_key(&id);
    simulator.inject(Fault::stale_read(Duration::MAX));
    for _ in 0..3 {
        simulator.clock().advance(MINUTE);
        simulator.pandadoc().change_key_at_dashboard(&id).unwrap();
    }
    assert_eq!(details(&simulator, &id).await.shared_key, first);
}

#[tokio::test]
async fn the_list_at_ratepay_shows_an_earlier_event_type() {
    let (simulator, _) = simulator().await;
    let ratepay = simulator.ratepay();
    let url = URL.parse().unwrap();
    let id = ratepay.add_subscription(&url, "BEFORE", SigningSecret::generate());
    simulator.inject(Fault::stale_read(MINUTE));
    let client = ratepay.client_builder().build().unwrap();
    let update = support::subscription();
    client.update_subscription(&id, &update).await.unwrap();
    let list = client.list_subscriptions().await.unwrap().into_inner();
    assert_eq!(list[0].event_type.as_deref(), Some("BEFORE"));
}

#[tokio::test]
async fn the_fault_tells_how_old_the_state_was() {
    let (simulator, id) = simulator().await;
    let injected = simulator.inject(Fault::stale_read(MINUTE));
    simulator.pandadoc().change_key_at_dashboard(&id).unwrap();
    details(&simulator, &id).await;
    let expected = FaultEffect::StaleRead { age: MINUTE };
    assert_eq!(injected.hits()[0].effect, expected);
}

#[tokio::test]
async fn a_read_that_is_the_same_either_way_does_not_use_the_fault_up() {
    let (simulator, id) = simulator().await;
    let injected = simulator.inject(Fault::stale_read(MINUTE).once());
    details(&simulator, &id).await;
    let before = injected.hits().len();
    simulator.pandadoc().change_key_at_dashboard(&id).unwrap();
    details(&simulator, &id).await;
    assert_eq!((before, injected.hits().len()), (0, 1));
}

#[tokio::test]
async fn a_fault_that_is_used_up_shows_the_current_key() {
    let (simulator, id) = simulator().await;
    simulator.inject(Fault::stale_read(MINUTE).once());
    let after = simulator.pandadoc().change_key_at_dashboard(&id);
    details(&simulator, &id).await;
    assert_eq!(details(&simulator, &id).await.shared_key, after);
}

#[tokio::test]
async fn a_request_that_is_no_read_leaves_the_fault_to_the_next_one() {
    let (simulator, id) = simulator().await;
    let stale = simulator.inject(Fault::stale_read(MINUTE));
    let lost = simulator.inject(Fault::cut_after_applying());
    let client = simulator
        .pandadoc()
        .client_builder()
        .retry(RetryPolicy::none());
    let client = client.build().unwrap();
    let answer = client.update_webhook_subscription_shared_key(&id).await;
    answer.unwrap_err();
    assert_eq!((stale.hits().len(), lost.hits().len()), (0, 1));
}

#[tokio::test]
async fn a_stale_read_counts_once_against_the_rate_limit() {
    let simulator = Simulator::builder()
        .clock(Clock::stopped())
        .pandadoc_requests_per_minute(Some(2));
    let simulator = simulator.start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&URL.parse().unwrap());
    let injected = simulator.inject(Fault::stale_read(MINUTE));
    pandadoc.change_key_at_dashboard(&id).unwrap();
    details(&simulator, &id).await;
    details(&simulator, &id).await;
    let requests = simulator.requests(Operation::DetailsWebhookSubscription);
    assert_eq!((requests, injected.hits().len()), (2, 2));
}

#[tokio::test]
async fn a_stale_read_still_needs_a_credential() {
    let (simulator, id) = simulator().await;
    let injected = simulator.inject(Fault::stale_read(MINUTE));
    simulator.pandadoc().change_key_at_dashboard(&id).unwrap();
    let client = simulator.pandadoc().client_builder().api_key("wrong");
    let client = client.build().unwrap();
    let error = client.details_webhook_subscription(&id).await.unwrap_err();
    assert_eq!(
        (error.status().unwrap().as_u16(), injected.hits().len()),
        (401, 0)
    );
}
