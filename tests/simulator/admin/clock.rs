//! The clock is advanced, and what depends on it follows.

use super::World;
use crate::support::PATIENCE;
use serde_json::{json, Value};
use tokio::time::timeout;

fn seconds(now: &Value) -> i64 {
    let now: jiff::Timestamp = now["now"].as_str().unwrap().parse().unwrap();
    now.as_second()
}

#[tokio::test]
async fn the_clock_is_advanced_by_seconds() {
    let world = World::new().await;
    let before = world.get("clock").await;
    let (status, after) = world.post("clock", json!({"advance_s": 3600})).await;
    assert_eq!((status, seconds(&after) - seconds(&before)), (200, 3600));
}

#[tokio::test]
async fn a_request_that_is_applied_late_is_applied_once_it_is_due() {
    let world = World::new().await;
    let fault = json!({"fault": "apply_late", "by_s": 60, "times": 1});
    world.post("faults", fault).await;
    world.regenerate().await;
    world.post("clock", json!({"advance_s": 60})).await;
    let applied = async {
        while world.get("subscriptions").await["subscriptions"][0]["key_generation"] != 2 {}
    };
    timeout(PATIENCE, applied).await.expect("another key");
}

#[tokio::test]
async fn the_clock_does_not_go_beyond_what_can_be_written() {
    let world = World::new().await;
    let before = world.get("clock").await;
    let (status, _) = world.post("clock", json!({"advance_s": 1e12})).await;
    assert_eq!((status, world.get("clock").await), (400, before));
}
