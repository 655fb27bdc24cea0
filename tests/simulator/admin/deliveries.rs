//! Deliveries are triggered, queued and reported.

use super::World;
use crate::receiver::signature;
use serde_json::{json, Value};
use webhook_subscriptions::verify::{Key, Ratepay};

#[tokio::test]
async fn a_delivery_of_pandadocs_is_signed_with_the_current_key() {
    let mut world = World::new().await;
    world.regenerate().await;
    world.post("deliveries", world.pandadoc_delivery()).await;
    let request = world.received().await;
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let id = world.pandadoc.parse().unwrap();
    let key = world.simulator.pandadoc().shared_key(&id).unwrap();
    assert!(request.contains(&format!("&signature={} ", signature(&key, body))));
}

#[tokio::test]
async fn a_delivery_of_ratepays_is_signed_with_the_current_secret() {
    let mut world = World::new().await;
    world.post("deliveries", world.ratepay_delivery()).await;
    let request = world.received().await;
    let id = world.ratepay.parse().unwrap();
    let secret = world.simulator.ratepay().secret(&id).unwrap();
    let signature = Key::<Ratepay>::new(&secret)
        .unwrap()
        .sign(br#"{"id":"i-1"}"#);
    assert!(request.contains(&format!("x-signature: {signature}\r\n")));
}

/// Delivers to a receiver with these answers, and returns the report without ids and times.
async fn report(statuses: &'static [u16]) -> Value {
    let world = World::with(statuses).await;
    let (_, report) = world.post("deliveries", world.pandadoc_delivery()).await;
    let attempts = report["attempts"].as_array().unwrap().iter();
    let statuses: Vec<&Value> = attempts.map(|attempt| &attempt["status"]).collect();
    json!([
        report["accepted"],
        report["status"],
        report["key_generation"],
        statuses
    ])
}

#[tokio::test]
async fn the_report_has_the_status_the_attempts_and_the_generation_of_the_key() {
    assert_eq!(report(&[503, 200]).await, json!([true, 200, 1, [503, 200]]));
}

#[tokio::test]
async fn a_delivery_that_is_not_accepted_is_reported_too() {
    assert_eq!(
        report(&[403]).await,
        json!([false, 403, 1, [403, 403, 403]])
    );
}

#[tokio::test]
async fn a_delivery_that_the_subscription_does_not_take_is_an_error() {
    let world = World::new().await;
    let nobody = "d173751d-0057-4d5c-ab75-49a670a4ca68";
    for (member, value, status) in [
        ("subscription", nobody, 404),
        ("event", "document_eaten", 409),
    ] {
        let delivery = world.pandadoc_delivery_with(member, value);
        let (answered, body) = world.post("deliveries", delivery).await;
        let error = body["error"].as_str().unwrap();
        assert!(
            answered == status && error.starts_with("nothing was sent"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn queued_deliveries_are_sent_together() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let delivery = world.pandadoc_delivery_with("queued", true);
        ids.push(world.post("deliveries", delivery).await);
    }
    let (_, sent) = world.post_nothing("deliveries/queued").await;
    let sent = sent["deliveries"].as_array().unwrap().iter();
    let sent = Vec::from_iter(sent.map(|it| (202, json!({"id": it["id"]}))));
    assert_eq!(sent, ids);
}

#[tokio::test]
async fn attempts_are_listed_until_they_are_forgotten() {
    let world = World::with(&[503, 200]).await;
    world.post("deliveries", world.pandadoc_delivery()).await;
    let listed = world.get("deliveries").await;
    let (status, _) = world.delete("deliveries").await;
    let left = world.get("deliveries").await;
    let statuses = [0, 1].map(|index| &listed["deliveries"][index]["status"]);
    assert_eq!((statuses, status), ([&json!(503), &json!(200)], 204));
    assert_eq!(left, json!({"deliveries": [], "dropped": 0}));
}
