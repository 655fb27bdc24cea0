//! Every answer of the control API is one that its OpenAPI document describes, and the document describes no
//! status that isn't answered.

use std::collections::{BTreeMap, BTreeSet};

use super::{World, REGENERATE};
use crate::api_document::ApiDocument;
use reqwest::Method;
use serde_json::{json, Value};
use webhook_subscriptions::testing::Operation;

fn document() -> ApiDocument {
    let text = include_str!("../../../src/testing/admin/openapi.yaml");
    ApiDocument::yaml(text).where_all_members_are_there()
}

/// The operations of the document with their methods and paths.
fn operations() -> BTreeMap<String, (Method, String)> {
    let text = include_str!("../../../src/testing/admin/openapi.yaml");
    let document: Value = serde_yaml_ng::from_str(text).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut operations = BTreeMap::new();
    for (path, methods) in paths {
        let methods = methods.as_object().unwrap();
        for (method, operation) in methods.iter().filter(|(name, _)| *name != "parameters") {
            let method: Method = method.to_uppercase().parse().unwrap();
            let id = operation["operationId"].as_str().unwrap().to_owned();
            operations.insert(id, (method, path.clone()));
        }
    }
    operations
}

/// Calls an operation with an id and a body, checks the answer with the document, and returns the status.
async fn call(world: &World, operation: &str, id: &str, body: Option<Value>) -> u16 {
    let (method, path) = operations().remove(operation).unwrap();
    let path = path.replace("{id}", id);
    let mut request = world.request(method, &path);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    // A stream of events has no end, and its events are those of the lists.
    if operation != "events" {
        document().check(operation, answer).await;
    }
    status
}

/// Calls each operation in every way that has another status, and collects the statuses.
async fn statuses() -> BTreeSet<(String, u16)> {
    let world = World::with(&[503, 200]).await;
    let delivery = world.pandadoc_delivery();
    let with = |member: &str, value: Value| Some(world.pandadoc_delivery_with(member, value));
    let nobody = json!("d173751d-0057-4d5c-ab75-49a670a4ca68");
    let both = |member: &str, value: Value| {
        let mut delivery = world.pandadoc_delivery_with(member, value);
        delivery["per_second"] = 1.into();
        Some(delivery)
    };
    let regenerated = world.pandadoc.as_str();
    let duplicate = json!({"fault": "duplicate"});
    let lost = json!({"fault": "cut_after_applying", "operation": REGENERATE, "times": 1});
    // A fault of each kind, with hits.
    world.post("faults", duplicate).await;
    world.post("faults", lost).await;
    world.regenerate().await;
    let mut statuses = BTreeSet::new();
    for (operation, id, body) in [
        ("health", "", None),
        ("listFaults", "", None),
        ("injectFault", "", Some(json!({"fault": "reorder"}))),
        ("injectFault", "", Some(json!({}))),
        ("deliver", "", Some(delivery)),
        ("deliver", "", Some(world.ratepay_delivery())),
        ("deliver", "", with("queued", json!(true))),
        ("deliver", "", Some(json!({}))),
        ("deliver", "", with("subscription", nobody.clone())),
        ("deliver", "", with("event", json!("document_eaten"))),
        ("deliverQueued", "", None),
        ("listDeliveries", "", None),
        ("startStream", "", both("data", json!({}))),
        ("startStream", "", both("subscription", nobody)),
        ("startStream", "", both("event", json!("document_eaten"))),
        ("startStream", "", with("per_second", json!(0))),
        ("getStream", "1", None),
        ("getStream", "2", None),
        ("stopStream", "1", None),
        ("stopStream", "1", None),
        ("events", "", None),
        ("getFault", "1", None),
        ("getFault", "2", None),
        ("getFault", "9", None),
        ("listFaults", "", None),
        ("removeFault", "1", None),
        ("removeFault", "1", None),
        ("getClock", "", None),
        ("advanceClock", "", Some(json!({"advance_s": 1}))),
        ("advanceClock", "", Some(json!({}))),
        ("advanceClock", "", Some(json!({"advance_s": 2e11}))),
        ("advanceClock", "", Some(json!({"advance_s": 2e11}))),
        ("listSubscriptions", "", None),
        ("regenerateKey", regenerated, None),
        ("regenerateKey", "1", None),
        ("listRequests", "", None),
        ("forgetRequests", "", None),
        ("forgetDeliveries", "", None),
        ("reset", "", None),
    ] {
        let status = call(&world, operation, id, body).await;
        statuses.insert((operation.to_owned(), status));
    }
    statuses
}

#[tokio::test]
async fn every_answer_is_one_that_the_document_describes_and_every_described_status_is_answered() {
    let document = document();
    let mut answered = statuses().await;
    let world = World::new().await;
    for (operation, (method, path)) in operations() {
        // A `Host` that isn't allowed, and a body that isn't JSON.
        let request = world
            .request(method.clone(), &path)
            .header("host", "evil.example");
        let answer = request.send().await.unwrap();
        answered.insert((operation.clone(), answer.status().as_u16()));
        document.check(&operation, answer).await;
        if document.statuses(&operation).contains(&415) {
            let answer = world
                .request(method, &path)
                .body("{}")
                .send()
                .await
                .unwrap();
            answered.insert((operation.clone(), answer.status().as_u16()));
            document.check(&operation, answer).await;
        }
    }
    let described = operations().into_keys().flat_map(|operation| {
        let statuses = document.statuses(&operation).into_iter();
        statuses.map(move |status| (operation.clone(), status))
    });
    assert_eq!(answered, described.collect());
}

/// The values that the document names at these places.
fn named(schema: &str, places: &str) -> BTreeSet<String> {
    let text = include_str!("../../../src/testing/admin/openapi.yaml");
    let document: Value = serde_yaml_ng::from_str(text).unwrap();
    let schema = &document["components"]["schemas"][schema];
    let schemas = schema["oneOf"].as_array();
    let schemas = schemas.map_or(vec![schema], |it| it.iter().collect());
    let values = schemas.into_iter().flat_map(|schema| {
        let values = schema.pointer(places).unwrap().as_array().unwrap().iter();
        values.map(|value| value.as_str().unwrap().to_owned())
    });
    values.collect()
}

#[tokio::test]
async fn the_document_names_every_fault() {
    let faults = World::new().await.get("faults").await;
    let known = faults["known"].as_array().unwrap().iter();
    let known = known.map(|fault| fault["fault"].as_str().unwrap().to_owned());
    assert_eq!(
        named("FaultToInject", "/properties/fault/enum"),
        known.collect()
    );
}

#[test]
fn the_document_names_every_operation() {
    let operations = Operation::ALL.iter().map(|it| it.id().to_owned());
    assert_eq!(named("Operation", "/enum"), operations.collect());
}
