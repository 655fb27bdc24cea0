//! Faults are injected by name, tell what they did, and can be removed.

use super::{World, REGENERATE};
use reqwest::Method;
use serde_json::{json, Value};

/// Injects a fault, reads the subscription after it was changed, and returns what the fault did.
async fn effect(fault: Value) -> String {
    let world = World::new().await;
    let path = format!("/public/v1/webhook-subscriptions/{}", world.pandadoc);
    world
        .post_nothing(&format!("subscriptions/{}/regenerate", world.pandadoc))
        .await;
    let (status, injected) = world.post("faults", fault).await;
    assert_eq!(status, 201, "{injected}");
    world.call_pandadoc(Method::GET, &path).await;
    let (_, fault) = world.delete(&format!("faults/{}", injected["id"])).await;
    fault["hits"][0]["effect"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn each_fault_of_requests_does_what_its_name_says() {
    for (fault, expected) in [
        (
            json!({"fault": "cut_before_applying"}),
            "cut before applying",
        ),
        (
            json!({"fault": "cut_after_applying"}),
            "cut after applying, 200 OK lost",
        ),
        (json!({"fault": "cut_inside_answer"}), "200 OK, cut after "),
        (
            json!({"fault": "apply_late", "by_s": 1.5}),
            "cut, applied 1500 ms later",
        ),
        (
            json!({"fault": "stale_read", "age_s": 9}),
            "state of 9000 ms before",
        ),
        (json!({"fault": "delay", "by_s": 0}), "200 OK, 0 ms late"),
        (
            json!({"fault": "too_many_requests", "retry_after": 30}),
            "429 Too Many Requests by a fault",
        ),
        (
            json!({"fault": "service_unavailable", "retry_after": "soon"}),
            "503 Service Unavailable by a fault",
        ),
        (
            json!({"fault": "answer", "status": 418}),
            "418 I'm a teapot by a fault",
        ),
        (
            json!({"fault": "answer_after_applying", "status": 500}),
            "500 Internal Server Error by a fault, 200 OK lost",
        ),
        (
            json!({"fault": "html_in_front", "status": 403}),
            "403 Forbidden by a fault, HTML",
        ),
    ] {
        let effect = effect(fault).await;
        assert!(effect.starts_with(expected), "{effect}");
    }
}

#[tokio::test]
async fn each_fault_of_deliveries_does_what_its_name_says() {
    for (fault, effect) in [
        (
            json!({"fault": "old_key_for_queued"}),
            "signed with an old key",
        ),
        (
            json!({"fault": "key_switch_delayed", "by_s": 9}),
            "signed with an old key",
        ),
        (json!({"fault": "duplicate"}), "posted twice"),
        (json!({"fault": "reorder"}), "sent in reverse order"),
    ] {
        let world = World::new().await;
        world.post("faults", fault).await;
        for _ in 0..2 {
            let delivery = world.pandadoc_delivery_with("queued", true);
            world.post("deliveries", delivery).await;
        }
        world.regenerate().await;
        world.post_nothing("deliveries/queued").await;
        let fault = world.get("faults/1").await;
        assert_eq!(fault["hits"][0]["effect"], effect);
    }
}

#[tokio::test]
async fn a_lost_answer_loses_only_the_answer() {
    let world = World::new().await;
    let fault = json!({"fault": "cut_after_applying", "operation": REGENERATE, "times": 1});
    let (status, injected) = world.post("faults", fault).await;
    let answers = [world.regenerate().await, world.regenerate().await];
    let (_, regenerated) = world.delete("faults/1").await;
    let generation = &world.get("subscriptions").await["subscriptions"][0]["key_generation"];
    assert_eq!((status, injected), (201, json!({"id": 1})));
    assert_eq!(answers, [None, Some(200)]);
    assert_eq!(regenerated["hits"].as_array().unwrap().len(), 1);
    assert_eq!(*generation, json!(3));
}

#[tokio::test]
async fn a_retry_after_is_sent_as_it_is_given() {
    let world = World::new().await;
    let fault = json!({"fault": "too_many_requests", "retry_after": "soon"});
    world.post("faults", fault).await;
    let request = world.request(Method::GET, "/public/v1/webhook-subscriptions");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "soon");
}

#[tokio::test]
async fn a_removed_fault_happens_no_more() {
    let world = World::new().await;
    world
        .post("faults", json!({"fault": "cut_before_applying"}))
        .await;
    let before = world.regenerate().await;
    world.delete("faults/1").await;
    assert_eq!((before, world.regenerate().await), (None, Some(200)));
}

#[tokio::test]
async fn a_fault_that_is_not_there_is_not_found() {
    let world = World::new().await;
    for id in ["1", "one", "-1"] {
        let (status, _) = world.delete(&format!("faults/{id}")).await;
        assert_eq!(status, 404);
    }
}

#[tokio::test]
async fn wrong_faults_are_errors_that_name_what_is_wrong() {
    let world = World::new().await;
    for (fault, error) in [
        (json!({"fault": "cut"}), "`cut` isn't the name of a fault"),
        (json!({"fault": "delay"}), "`by_s` is missing"),
        (json!({"fault": "delay", "by_s": -1}), "`by_s`: "),
        (
            json!({"fault": "delay", "by_s": 1, "age_s": 1}),
            "`age_s` isn't a member",
        ),
        (json!({"fault": "answer", "status": 101}), "`status` isn't"),
        (json!({"fault": "duplicate", "times": 0}), "`times`: "),
        (
            json!({"fault": "duplicate", "operation": REGENERATE}),
            "`operation` doesn't limit",
        ),
        (
            json!({"fault": "delay", "by_s": 1, "operation": "eat"}),
            "`eat` isn't an operation",
        ),
        (
            json!({"fault": "too_many_requests", "retry_after": []}),
            "`retry_after`: ",
        ),
        (
            json!({"fault": "too_many_requests", "retry_after": "\n"}),
            "`retry_after`: ",
        ),
    ] {
        let (status, body) = world.post("faults", fault).await;
        let told = body["error"].as_str().unwrap();
        assert!(status == 400 && told.starts_with(error), "{told}");
    }
    assert_eq!(world.get("faults").await["injected"], json!([]));
}
