//! A receiver that fails for long, or answers 410, has its subscription switched off, as at PandaDoc.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::types::{
    WebhookSubscriptionPatchRequest, WebhookSubscriptionStatusEnum,
};
use webhook_subscriptions::testing::{Clock, DeliveryError, SimulatedPandaDoc, Simulator};

use crate::receiver::{deliver, receiver, simulator, url};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn status(pandadoc: &SimulatedPandaDoc<'_>, id: &Uuid) -> Option<WebhookSubscriptionStatusEnum> {
    pandadoc.subscription(id)?.status
}

#[tokio::test]
async fn an_answer_410_switches_the_subscription_off_at_once() {
    let receiver = receiver(&[410]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let report = deliver(&pandadoc, &id).await;
    assert_eq!(
        (report.attempts.len(), status(&pandadoc, &id)),
        (1, Some(WebhookSubscriptionStatusEnum::Deactivated))
    );
}

#[tokio::test]
async fn seven_days_of_failures_switch_the_subscription_off() {
    let receiver = receiver(&[401]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    deliver(&pandadoc, &id).await;
    simulator.clock().advance(DAY * 7 - Duration::from_secs(1));
    deliver(&pandadoc, &id).await;
    let before = status(&pandadoc, &id);
    simulator.clock().advance(Duration::from_secs(1));
    deliver(&pandadoc, &id).await;
    assert_eq!(
        (before, status(&pandadoc, &id)),
        (
            Some(WebhookSubscriptionStatusEnum::Active),
            Some(WebhookSubscriptionStatusEnum::Deactivated)
        )
    );
}

#[tokio::test]
async fn one_success_in_between_starts_the_seven_days_again() {
    let receiver = receiver(&[401, 200, 401, 401]).await;
    let simulator = Simulator::builder()
        .clock(Clock::stopped())
        .delivery_attempts(1);
    let simulator = simulator.start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    for _ in 0..4 {
        deliver(&pandadoc, &id).await;
        simulator.clock().advance(DAY * 4);
    }
    assert_eq!(
        status(&pandadoc, &id),
        Some(WebhookSubscriptionStatusEnum::Active)
    );
}

#[tokio::test]
async fn to_switch_it_on_starts_the_seven_days_again() {
    let receiver = receiver(&[401]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    deliver(&pandadoc, &id).await;
    simulator.clock().advance(DAY * 7);
    switch_on(&pandadoc, &id).await;
    deliver(&pandadoc, &id).await;
    assert_eq!(
        status(&pandadoc, &id),
        Some(WebhookSubscriptionStatusEnum::Active)
    );
}

async fn switch_on(pandadoc: &SimulatedPandaDoc<'_>, id: &Uuid) {
    let change = WebhookSubscriptionPatchRequest::new().active(true);
    let client = pandadoc.client_builder().build().unwrap();
    client
        .update_webhook_subscription(id, &change)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_subscription_that_was_switched_off_takes_no_deliveries_until_it_is_switched_on() {
    let receiver = receiver(&[410, 200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    deliver(&pandadoc, &id).await;
    let refused = pandadoc.deliver(&id, "document_updated", json!({})).await;
    switch_on(&pandadoc, &id).await;
    assert_eq!(
        (
            refused.unwrap_err(),
            deliver(&pandadoc, &id).await.is_accepted()
        ),
        (DeliveryError::Inactive, true)
    );
}
