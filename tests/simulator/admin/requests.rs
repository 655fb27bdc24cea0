//! Requests are listed with their results, and forgotten.

use super::World;
use reqwest::Method;
use serde_json::{json, Value};

/// The latest request, without id and time.
async fn latest(world: &World) -> Value {
    let mut listed = world.get("requests").await;
    let mut latest = listed["requests"].as_array_mut().unwrap().pop().unwrap();
    let members = latest.as_object_mut().unwrap();
    members.remove("id");
    members.remove("at");
    latest
}

async fn subscribe(world: &World, body: Value) {
    let key = world.simulator.pandadoc().api_key();
    let request = world.request(Method::POST, "/public/v1/webhook-subscriptions");
    let authorization = format!("API-Key {}", key.expose_secret());
    let request = request.header("authorization", authorization).json(&body);
    request.send().await.unwrap();
}

#[tokio::test]
async fn a_rejected_request_is_shown_with_the_reason() {
    let world = World::new().await;
    subscribe(
        &world,
        json!({"name": "Invoices", "url": "nowhere", "triggers": []}),
    )
    .await;
    assert_eq!(
        latest(&world).await,
        json!({
            "method": "POST",
            "path": "/public/v1/webhook-subscriptions",
            "query": null,
            "body": {"name": "Invoices", "url": "[redacted]", "triggers": []},
            "operation": "createWebhookSubscription",
            "status": 400,
            "reason": r#"{"url":["Enter a valid URL."]}"#,
            "fault": null,
        })
    );
}

#[tokio::test]
async fn a_request_whose_answer_a_fault_cut_is_shown_with_the_fault() {
    let world = World::new().await;
    world
        .post("faults", json!({"fault": "cut_after_applying"}))
        .await;
    world.regenerate().await;
    let latest = latest(&world).await;
    assert_eq!(
        [&latest["status"], &latest["reason"], &latest["fault"]],
        [
            &Value::Null,
            &Value::Null,
            &"cut after applying, 200 OK lost".into()
        ]
    );
}

#[tokio::test]
async fn arguments_of_a_query_are_shown() {
    let world = World::new().await;
    let path = "/public/v1/webhook-events?count=3&page=1&access_token=abc";
    world.call_pandadoc(Method::GET, path).await;
    assert_eq!(
        latest(&world).await["query"],
        json!({"count": "3", "page": "1", "access_token": "[redacted]"})
    );
}

#[tokio::test]
async fn bodies_that_cannot_be_shown_are_described() {
    let world = World::new().await;
    for (content_type, body, shown) in [
        (
            "application/json",
            "[1]".to_owned(),
            "[3 bytes that aren't a JSON object or a form]",
        ),
        (
            "application/json",
            "{".to_owned(),
            "[1 bytes that aren't a JSON object or a form]",
        ),
        (
            "application/json",
            " ".repeat(16 * 1024 + 1),
            "[16385 bytes, too many to be kept]",
        ),
        (
            "application/json",
            " ".repeat(2 * 1024 * 1024 + 1),
            "[larger than 2 MiB]",
        ),
    ] {
        let request = world.request(Method::POST, "/webhook/management/v1");
        let request = request.header("content-type", content_type).body(body);
        request.send().await.unwrap();
        assert_eq!(latest(&world).await["body"], shown);
    }
}

#[tokio::test]
async fn requests_are_listed_until_they_are_forgotten() {
    let world = World::new().await;
    world.regenerate().await;
    let listed = world.get("requests").await["requests"]
        .as_array()
        .unwrap()
        .len();
    let (status, _) = world.delete("requests").await;
    let left = world.get("requests").await;
    assert_eq!((listed, status), (1, 204));
    assert_eq!(left, json!({"requests": [], "dropped": 0}));
}

#[tokio::test]
async fn older_requests_are_dropped_and_counted() {
    let world = World::new().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..1_003 {
        client.get(world.simulator.base_url()).send().await.unwrap();
    }
    let listed = world.get("requests").await;
    let kept = listed["requests"].as_array().unwrap();
    assert_eq!(
        (kept.len(), &kept[0]["id"], &listed["dropped"]),
        (1_000, &json!(4), &json!(3))
    );
}

#[tokio::test]
async fn requests_of_the_control_api_are_not_listed() {
    let world = World::new().await;
    world.get("subscriptions").await;
    assert_eq!(world.get("requests").await["requests"], json!([]));
}
