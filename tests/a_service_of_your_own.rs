//! How a service that uses this crate tests itself, with the simulator and with mocks:
//! `support/service.rs` is such a service.

#[path = "support/service.rs"]
mod service;

use std::time::Duration;

use http::StatusCode;
use httpmock::MockServer;
use serde_json::json;
use service::Service;
use uuid::Uuid;
use webhook_subscriptions::pandadoc::mocks::UpdateWebhookSubscriptionSharedKey;
use webhook_subscriptions::pandadoc::mocks::UpdateWebhookSubscriptionSharedKeyError::TooManyRequests;
use webhook_subscriptions::pandadoc::types::WebhookSubscriptionSharedKeyResponse as SharedKey;
use webhook_subscriptions::testing::mock::Reply;
use webhook_subscriptions::testing::{Fault, Operation, Simulator};
use webhook_subscriptions::verify::{Key, PandaDoc};
use webhook_subscriptions::{pandadoc, Secret};

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

// In the README too, from here
#[tokio::test]
async fn a_rotation_that_is_told_to_wait_is_done_in_the_end() {
    let server = MockServer::start_async().await;
    let client = pandadoc::Client::builder().api_key("any");
    let client = client.base_url(server.base_url()).build().unwrap();
    let service = Service::start(client).await;
    let (id, key) = (Uuid::from_u128(7), Secret::from("new key"));
    let regenerate = UpdateWebhookSubscriptionSharedKey::mock(&server)
        .expect(async |client| client.update_webhook_subscription_shared_key(&id).await)
        .reply(Reply::error(TooManyRequests).retry_after(Duration::ZERO))
        .reply(Reply::success(SharedKey::new(key.clone())))
        .mount_async()
        .await;

    service.rotate(&id).await.unwrap();
    let body = r#"[{"event":"document_state_changed","data":{"id":"d-1"}}]"#;
    let signature = Key::<PandaDoc>::new(&key).unwrap().sign(body.as_bytes());
    let url = signature.append_to(service.url().as_str());
    let response = reqwest::Client::new().post(url).body(body).send().await;

    regenerate.assert_calls_async(2).await;
    assert_eq!(response.unwrap().status(), StatusCode::OK);
    assert_eq!(service.received(), ["d-1"]);
}
// to here too.

#[tokio::test]
async fn a_delivery_that_was_signed_with_a_key_before_the_rotation_is_refused_by_this_service() {
    // It began without a key, so it knows only those that it had made.
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let service = Service::start(pandadoc.client_builder().build().unwrap()).await;
    let id = pandadoc.add_subscription(service.url());
    let report = pandadoc.deliver(&id, "document_updated", json!({"id": "d-1"}));
    assert_eq!(report.await.unwrap().status(), Some(StatusCode::FORBIDDEN));
}

/// The lines between each two comments.
fn shown() -> [String; 2] {
    let file = include_str!("a_service_of_your_own.rs").replace("\r\n", "\n");
    let between = |from: &str, to: &str| {
        let (_, rest) = file.split_once(from).unwrap();
        rest.split_once(to).unwrap().0.to_owned()
    };
    [
        between("// In the README, from here\n", "// to here.\n"),
        between("// In the README too, from here\n", "// to here too.\n"),
    ]
}

#[test]
fn the_readme_shows_tests_that_are_run() {
    let readme = include_str!("../README.md").replace("\r\n", "\n");
    assert!(shown().iter().all(|test| readme.contains(test)));
}

#[test]
fn the_tests_in_the_readme_have_fewer_than_30_lines() {
    assert!(shown().iter().all(|test| test.lines().count() < 30));
}
