//! The subscriptions of both providers are listed.

use super::World;
use serde_json::json;

#[tokio::test]
async fn each_subscription_is_listed_with_the_generation_of_its_key_and_without_the_query_of_its_url(
) {
    let world = World::new().await;
    world.regenerate().await;
    let mut listed = world.get("subscriptions").await;
    let url = format!("{}/hooks", world.receiver.base_url());
    let events = listed["subscriptions"][0]["events"].take();
    assert!(events.as_array().unwrap().contains(&json!(super::EVENT)));
    assert_eq!(
        listed["subscriptions"],
        json!([
            {
                "provider": "pandadoc",
                "id": world.pandadoc,
                "name": "Subscription",
                "url": url,
                "active": true,
                "events": null,
                "key_generation": 2,
            },
            {
                "provider": "ratepay",
                "id": world.ratepay,
                "name": null,
                "url": url,
                "active": true,
                "events": ["INVOICE"],
                "key_generation": 1,
            },
        ])
    );
}
