//! Requests and deliveries arrive as server-sent events.

use super::World;
use reqwest::{Method, Response};
use serde_json::Value;

/// Reads a stream until an event whose data meets a condition, and returns that event.
async fn event(stream: &mut Response, is_it: impl Fn(&Value) -> bool) -> (String, Value) {
    let mut text = String::new();
    loop {
        while let Some((event, rest)) = text.split_once("\n\n") {
            let field = |name: &str| {
                let mut lines = event.lines();
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            if let (Some(kind), Some(data)) = (field("event"), field("data")) {
                let data: Value = serde_json::from_str(data).unwrap();
                if is_it(&data) {
                    return (kind.to_owned(), data);
                }
            }
            text = rest.to_owned();
        }
        let chunk = stream.chunk().await.unwrap().expect("another event");
        text += std::str::from_utf8(&chunk).unwrap();
    }
}

#[tokio::test]
async fn what_happened_before_comes_first() {
    let world = World::new().await;
    world.regenerate().await;
    let mut stream = world.send(Method::GET, "events", None).await;
    let (kind, data) = event(&mut stream, |_| true).await;
    assert_eq!(
        (kind.as_str(), &data["operation"]),
        ("request", &super::REGENERATE.into())
    );
}

#[tokio::test]
async fn what_happens_arrives_at_once() {
    let world = World::new().await;
    let mut stream = world.send(Method::GET, "events", None).await;
    world.post("deliveries", world.ratepay_delivery()).await;
    let (kind, data) = event(&mut stream, |_| true).await;
    assert_eq!(
        (kind.as_str(), &data["event"]),
        ("delivery", &"INVOICE".into())
    );
}

#[tokio::test]
async fn a_client_that_connects_again_gets_only_what_it_missed() {
    let world = World::new().await;
    for _ in 0..3 {
        world.regenerate().await;
    }
    let request = world.request(Method::GET, "/__admin/events");
    let mut stream = request.header("last-event-id", "2").send().await.unwrap();
    let (_, data) = event(&mut stream, |_| true).await;
    assert_eq!(data["id"], 3);
}

#[tokio::test]
async fn a_reset_closes_the_stream() {
    let world = World::new().await;
    let mut stream = world.send(Method::GET, "events", None).await;
    world.post_nothing("reset").await;
    while stream.chunk().await.unwrap().is_some() {}
}
