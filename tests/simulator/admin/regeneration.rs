//! A key of PandaDoc's is regenerated without a request.

use super::World;
use serde_json::json;

#[tokio::test]
async fn a_regeneration_changes_the_key_and_tells_only_its_generation() {
    let world = World::new().await;
    let id = world.pandadoc.parse().unwrap();
    let before = world.simulator.pandadoc().shared_key(&id);
    let answer = world
        .post_nothing(&format!("subscriptions/{id}/regenerate"))
        .await;
    let after = world.simulator.pandadoc().shared_key(&id);
    assert_eq!(answer, (200, json!({"key_generation": 2})));
    assert_ne!(before, after);
}

#[tokio::test]
async fn a_subscription_without_a_dashboard_is_not_found() {
    let world = World::new().await;
    let nobody = "d173751d-0057-4d5c-ab75-49a670a4ca68";
    for id in [world.ratepay.as_str(), nobody] {
        let (status, _) = world
            .post_nothing(&format!("subscriptions/{id}/regenerate"))
            .await;
        assert_eq!(status, 404);
    }
}
