//! Wrong requests are errors that say what is wrong.

use super::World;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_wrong_body_is_an_error_that_names_the_member() {
    let world = World::new().await;
    let delivery = |member: &str, value| world.pandadoc_delivery_with(member, value);
    for (path, body, error) in [
        ("clock", json!({}), "`advance_s` is missing"),
        (
            "clock",
            json!({"advance_s": "1"}),
            "`advance_s`: invalid type",
        ),
        (
            "clock",
            json!({"advance_s": 1, "by": 1}),
            "`by` isn't a member",
        ),
        ("clock", json!([1]), "the body isn't a JSON object"),
        (
            "deliveries",
            delivery("subscription", json!("1")),
            "`subscription`: ",
        ),
        (
            "deliveries",
            delivery("provider", json!("stripe")),
            "`provider` isn't a provider",
        ),
        (
            "deliveries",
            delivery("payload", json!({})),
            "`payload` isn't a member",
        ),
        (
            "deliveries",
            delivery("queued", json!(1)),
            "`queued`: invalid type",
        ),
        (
            "deliveries",
            json!({"provider": "ratepay"}),
            "`subscription` is missing",
        ),
    ] {
        let (status, answer) = world.post(path, body).await;
        let told = answer["error"].as_str().unwrap();
        assert!(status == 400 && told.starts_with(error), "{told}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_sent_as_json_is_an_error() {
    let world = World::new().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = world.request(Method::POST, "/__admin/clock");
        let request = request.header("content-type", content_type);
        let answer = request.body(r#"{"advance_s":1}"#).send().await.unwrap();
        assert_eq!(answer.status(), 415);
    }
}

#[tokio::test]
async fn another_method_is_an_error_that_names_the_allowed_ones() {
    let world = World::new().await;
    let answer = world.send(Method::PUT, "deliveries", None).await;
    let (status, allow) = (answer.status().as_u16(), answer.headers()["allow"].clone());
    assert_eq!(
        (status, allow.to_str().unwrap()),
        (405, "GET, POST, DELETE")
    );
}

#[tokio::test]
async fn an_unknown_path_is_an_error() {
    let world = World::new().await;
    for path in ["nonsense", "health/", "deliveries/stream/1/2"] {
        let answer = world.send(Method::GET, path, None).await;
        assert_eq!(answer.status(), 404);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_an_error() {
    let world = World::new().await;
    let body = json!({"advance_s": " ".repeat(2 * 1024 * 1024)});
    let (status, _) = world.post("clock", body).await;
    assert_eq!(status, 413);
}
