//! A key can change without a request, and the simulator counts the keys of a subscription.

use std::time::Duration;

use crate::receiver::{deliver, receiver, signature, simulator, url};
use crate::support::{self, URL};
use uuid::Uuid;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::DeliveryFault;

#[tokio::test]
async fn a_change_at_the_dashboard_returns_the_key_that_the_api_shows() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&URL.parse().unwrap());
    let key = pandadoc.change_key_at_dashboard(&id);
    let client = pandadoc.client_builder().build().unwrap();
    let details = client.details_webhook_subscription(&id).await.unwrap();
    assert_eq!(details.into_inner().shared_key, key);
}

#[tokio::test]
async fn a_delivery_after_a_change_at_the_dashboard_is_signed_with_the_new_key() {
    let mut receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let key = pandadoc.change_key_at_dashboard(&id).unwrap();
    deliver(&pandadoc, &id).await;
    let request = receiver.request().await;
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(request.contains(&signature(&key, body)));
}

#[tokio::test]
async fn the_previous_key_is_remembered_after_a_change_at_the_dashboard() {
    let receiver = receiver(&[200]).await;
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&receiver));
    let before = deliver(&pandadoc, &id).await;
    let fault = DeliveryFault::key_switch_delayed(Duration::from_secs(60));
    simulator.inject_into_deliveries(fault);
    pandadoc.change_key_at_dashboard(&id).unwrap();
    let after = deliver(&pandadoc, &id).await;
    assert_eq!(after.attempts[0].signature, before.attempts[0].signature);
}

#[tokio::test]
async fn a_change_at_the_dashboard_of_an_unknown_subscription_changes_nothing() {
    let simulator = simulator().await;
    let key = simulator
        .pandadoc()
        .change_key_at_dashboard(&Uuid::from_u128(7));
    assert_eq!(key, None);
}

#[tokio::test]
async fn every_change_of_a_key_at_pandadoc_adds_a_generation() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&URL.parse().unwrap());
    let client = pandadoc.client_builder().build().unwrap();
    let mut seen = vec![pandadoc.key_generation(&id)];
    pandadoc.change_key_at_dashboard(&id).unwrap();
    seen.push(pandadoc.key_generation(&id));
    let regenerated = client.update_webhook_subscription_shared_key(&id).await;
    regenerated.unwrap();
    seen.push(pandadoc.key_generation(&id));
    assert_eq!(seen, [Some(1), Some(2), Some(3)]);
}

#[tokio::test]
async fn an_update_at_ratepay_with_the_same_secret_adds_no_generation() {
    let simulator = simulator().await;
    let ratepay = simulator.ratepay();
    let id = ratepay.add_subscription(&URL.parse().unwrap(), "A", SigningSecret::generate());
    let client = ratepay.client_builder().build().unwrap();
    let mut seen = vec![ratepay.key_generation(&id)];
    for _ in 0..2 {
        let update = support::subscription();
        client.update_subscription(&id, &update).await.unwrap();
        seen.push(ratepay.key_generation(&id));
    }
    assert_eq!(seen, [Some(1), Some(2), Some(2)]);
}
