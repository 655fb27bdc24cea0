//! Steady deliveries are started, reported and stopped.

use super::World;
use serde_json::json;

#[tokio::test]
async fn a_stream_delivers_until_it_is_stopped_and_reports() {
    let mut world = World::new().await;
    let stream = world.pandadoc_delivery_with("per_second", 10);
    let started = world.post("deliveries/stream", stream).await;
    world.received().await;
    world.post("clock", json!({"advance_s": 0.1})).await;
    world.received().await;
    let running = world.get("deliveries/stream/1").await;
    let (status, report) = world.delete("deliveries/stream/1").await;
    assert_eq!((started, status), ((201, json!({"id": 1})), 200));
    assert_eq!(
        (&running["running"], &report["running"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (
            &report["accepted_at_first_attempt"],
            &report["attempts_by_key_generation"]
        ),
        (&json!(2), &json!({"1": 2}))
    );
}

#[tokio::test]
async fn a_stream_can_be_forged() {
    let mut world = World::with(&[403]).await;
    let mut stream = world.ratepay_delivery();
    stream["per_second"] = 1.into();
    stream["forged"] = true.into();
    world.post("deliveries/stream", stream).await;
    world.received().await;
    let (_, report) = world.delete("deliveries/stream/1").await;
    assert_eq!(
        (
            &report["never_accepted"],
            &report["attempts_by_key_generation"]
        ),
        (&json!(1), &json!({"0": 1}))
    );
}

#[tokio::test]
async fn a_rate_that_cannot_be_kept_is_an_error() {
    let world = World::new().await;
    for rate in [
        json!(0),
        json!(-1),
        json!(10_001),
        json!("ten"),
        json!(1e-300),
    ] {
        let stream = world.pandadoc_delivery_with("per_second", rate);
        let (status, body) = world.post("deliveries/stream", stream).await;
        let error = body["error"].as_str().unwrap();
        assert!(
            status == 400 && error.starts_with("`per_second`: "),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_stopped_stream_is_not_found() {
    let world = World::new().await;
    let stream = world.pandadoc_delivery_with("per_second", 1);
    world.post("deliveries/stream", stream).await;
    world.delete("deliveries/stream/1").await;
    let (status, _) = world.delete("deliveries/stream/1").await;
    assert_eq!(status, 404);
}
