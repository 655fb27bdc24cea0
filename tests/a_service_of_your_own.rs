//! How a service that uses this crate tests itself with the simulator: `support/service.rs` is such a
//! service.

#[path = "support/service.rs"]
mod service;

use http::StatusCode;
use serde_json::json;
use service::Service;
use webhook_subscriptions::testing::{Fault, Operation, Simulator};

// In the README, from here
#[tokio::test]
async fn a_delivery_is_accepted_though_the_answer_to_the_rotation_was_lost() {
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let service = Service::start(pandadoc.client_builder().build().unwrap()).await;
    let id = pandadoc.add_subscription(service.url());
    let lost = simulator.inject(
        Fault::cut_after_applying()
            .on(Operation::UpdateWebhookSubscriptionSharedKey)
            .once(),
    );

    service.rotate(&id).await.unwrap();
    let report = pandadoc
        .deliver(&id, "document_state_changed", json!({"id": "d-1"}))
        .await
        .unwrap();

    assert_eq!(lost.hits().len(), 1);
    assert_eq!(report.status(), Some(StatusCode::OK));
    assert_eq!(service.received(), ["d-1"]);
}
// to here.

#[tokio::test]
async fn a_delivery_that_was_signed_with_a_key_before_the_rotation_is_refused_by_this_service() {
    // It began without a key, so it knows only those that it had made.
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let service = Service::start(pandadoc.client_builder().build().unwrap()).await;
    let id = pandadoc.add_subscription(service.url());
    let report = pandadoc.deliver(&id, "document_updated", json!({"id": "d-1"}));
    assert_eq!(
        report.await.unwrap().status(),
        Some(StatusCode::UNAUTHORIZED)
    );
}

/// The lines between the two comments.
fn shown() -> String {
    let file = include_str!("a_service_of_your_own.rs").replace("\r\n", "\n");
    let (_, rest) = file.split_once("// In the README, from here\n").unwrap();
    rest.split_once("// to here.\n").unwrap().0.to_owned()
}

#[test]
fn the_readme_shows_a_test_that_is_run() {
    assert!(include_str!("../README.md")
        .replace("\r\n", "\n")
        .contains(&shown()));
}

#[test]
fn the_test_in_the_readme_has_fewer_than_30_lines() {
    assert!(shown().lines().count() < 30);
}
