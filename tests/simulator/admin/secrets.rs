//! No key, token or secret is in any answer of the control API.

use super::World;
use crate::receiver::url;
use crate::support::{self, SIGNING_SECRET};
use reqwest::Method;
use serde_json::json;

const CANARY: &str = "canary-KcL0tP7Wm2";

/// Sends the canary in every place of requests that could have a secret.
async fn send_canaries(world: &World) {
    let form = format!("client_secret={CANARY}&refresh_token={CANARY}&grant_type=refresh_token");
    let json = |members: serde_json::Value| ("application/json", members.to_string());
    for (method, path, (content_type, body)) in [
        (
            Method::POST,
            "/oauth2/access_token",
            ("application/x-www-form-urlencoded", form),
        ),
        (
            Method::POST,
            "/oauth/token",
            json(json!({"client_secret": CANARY})),
        ),
        (
            Method::POST,
            "/webhook/management/v1",
            json(json!({"secret": CANARY})),
        ),
        (
            Method::POST,
            "/webhook/management/v1",
            json(json!({"nested": {"secret": CANARY}})),
        ),
        (
            Method::POST,
            "/webhook/management/v1",
            json(json!([CANARY])),
        ),
        (
            Method::POST,
            "/webhook/management/v1",
            ("text/plain", CANARY.to_owned()),
        ),
        (
            Method::GET,
            "/public/v1/webhook-events?api_key=canary-KcL0tP7Wm2",
            json(json!({})),
        ),
    ] {
        for authorization in ["API-Key", "Bearer"] {
            let request = world.request(method.clone(), path);
            let authorization = format!("{authorization} {CANARY}");
            let request = request.header("authorization", authorization);
            let request = request.header("content-type", content_type);
            request.body(body.clone()).send().await.unwrap();
        }
    }
}

#[tokio::test]
async fn no_answer_has_a_secret() {
    let world = World::with(&[503, 200]).await;
    let (pandadoc, ratepay) = (world.simulator.pandadoc(), world.simulator.ratepay());
    let token = format!("{}&token={CANARY}#{CANARY}", url(&world.receiver));
    let token = token.replace("//", &format!("//user:{CANARY}@"));
    let id = pandadoc
        .add_subscription(&token.parse().unwrap())
        .to_string();
    send_canaries(&world).await;
    world.regenerate().await;
    let mut told = String::new();
    for (path, body) in [
        (
            "deliveries",
            world.pandadoc_delivery_with("subscription", id.clone()),
        ),
        ("deliveries", world.ratepay_delivery()),
        ("faults", json!({"fault": "key_switch_delayed", "by_s": 60})),
        (
            "deliveries/stream",
            world.pandadoc_delivery_with("per_second", 1),
        ),
    ] {
        told += &world.post(path, body).await.1.to_string();
    }
    told += &world
        .post_nothing(&format!("subscriptions/{id}/regenerate"))
        .await
        .1
        .to_string();
    for path in [
        "requests",
        "deliveries",
        "subscriptions",
        "faults",
        "faults/1",
        "deliveries/stream/1",
    ] {
        told += &world.get(path).await.to_string();
    }
    let mut events = world.send(Method::GET, "events", None).await;
    while !told.contains("event: delivery") {
        told += std::str::from_utf8(&events.chunk().await.unwrap().unwrap()).unwrap();
    }
    let keys = [
        pandadoc.api_key(),
        pandadoc
            .shared_key(&world.pandadoc.parse().unwrap())
            .unwrap(),
        pandadoc.shared_key(&id.parse().unwrap()).unwrap(),
        ratepay.client_secret(),
    ];
    let keys = keys.iter().map(|key| key.expose_secret());
    let mut secrets = keys.chain([CANARY, SIGNING_SECRET, support::API_KEY]);
    assert_eq!(secrets.find(|secret| told.contains(secret)), None, "{told}");
}
