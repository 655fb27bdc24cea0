//! A reset leaves only the credentials and the clock.

use super::World;
use crate::receiver::url;
use crate::support::{Script, Server, PATIENCE};
use reqwest::Method;
use serde_json::{json, Value};
use tokio::time::timeout;
use webhook_subscriptions::testing::Operation;

/// The state that is left after a reset of a simulator in which everything happened.
async fn left(path: &str) -> Value {
    let world = World::with(&[503]).await;
    world.post("deliveries", world.pandadoc_delivery()).await;
    world
        .post("deliveries", world.pandadoc_delivery_with("queued", true))
        .await;
    let stream = world.pandadoc_delivery_with("per_second", 1);
    world.post("deliveries/stream", stream).await;
    world
        .post("faults", json!({"fault": "cut_before_applying"}))
        .await;
    world.regenerate().await;
    let (status, _) = world.post_nothing("reset").await;
    assert_eq!(status, 204);
    match path {
        "deliveries/queued" => world.post_nothing(path).await.1,
        path => world.get(path).await,
    }
}

#[tokio::test]
async fn a_reset_leaves_no_subscription_request_delivery_or_fault() {
    for (path, name) in [
        ("subscriptions", "subscriptions"),
        ("requests", "requests"),
        ("deliveries", "deliveries"),
        ("deliveries/queued", "deliveries"),
        ("faults", "injected"),
    ] {
        assert_eq!(left(path).await[name], json!([]), "{path}");
    }
}

#[tokio::test]
async fn a_reset_ends_streams() {
    let left = left("deliveries/stream/1").await;
    assert!(left["error"]
        .as_str()
        .unwrap()
        .starts_with("there is no stream"));
}

#[tokio::test]
async fn a_reset_keeps_credentials_and_removes_faults_that_are_in_place() {
    let world = World::new().await;
    world
        .post("faults", json!({"fault": "cut_before_applying"}))
        .await;
    world.post_nothing("reset").await;
    let path = "/public/v1/webhook-subscriptions";
    assert_eq!(world.call_pandadoc(Method::GET, path).await, Some(200));
}

#[tokio::test]
async fn a_request_that_is_still_to_be_applied_is_dropped() {
    let world = World::new().await;
    let fault = json!({"fault": "apply_late", "by_s": 60, "times": 1});
    world.post("faults", fault).await;
    let id = world.pandadoc.parse().unwrap();
    world.regenerate().await;
    let requests = world
        .simulator
        .requests(Operation::UpdateWebhookSubscriptionSharedKey);
    world.post_nothing("reset").await;
    world.post("clock", json!({"advance_s": 60})).await;
    assert_eq!(
        (requests, world.simulator.pandadoc().key_generation(&id)),
        (1, None)
    );
}

#[tokio::test]
async fn a_delivery_that_waits_for_its_receiver_ends_with_an_error() {
    let mut stalling = Server::start(Script::stall()).await;
    let world = World::new().await;
    let pandadoc = world.simulator.pandadoc();
    let id = pandadoc.add_subscription(&url(&stalling));
    let delivery = world.pandadoc_delivery_with("subscription", id.to_string());
    let delivering = world.post("deliveries", delivery);
    let resetting = async {
        stalling.request().await;
        world.post_nothing("reset").await
    };
    let both = async { tokio::join!(delivering, resetting) };
    let ((status, _), _) = timeout(PATIENCE, both).await.expect("an answer");
    assert_eq!(status, 409);
}
