//! The simulator accepts and rejects what the providers say that they accept and reject.

use crate::support::{self, SIGNING_SECRET, URL, UUID};
use reqwest::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, Response};
use serde_json::{json, Value};
use webhook_subscriptions::pandadoc::types::WebhookSubscriptionPatchRequest;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::Simulator;
use webhook_subscriptions::{Nullable, WebhookUrl};

const PANDADOC: &str = "/public/v1/webhook-subscriptions";
const RATEPAY: &str = "/webhook/management/v1";

async fn simulator() -> Simulator {
    Simulator::start().await.unwrap()
}

fn url() -> WebhookUrl {
    URL.parse().unwrap()
}

/// Sends a body to a path of either provider, with a valid credential.
async fn send(simulator: &Simulator, method: Method, path: &str, body: Value) -> Response {
    let authorization = match path.starts_with(PANDADOC) {
        true => format!("API-Key {}", simulator.pandadoc().api_key().expose_secret()),
        false => format!(
            "Bearer {}",
            simulator.ratepay().access_token().expose_secret()
        ),
    };
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client
        .request(method, format!("{}{path}", simulator.base_url()))
        .header(AUTHORIZATION, authorization)
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string())
        .send()
        .await
        .unwrap()
}

/// The status and the fields that are complained of.
async fn refused_fields(body: Value) -> (u16, Vec<String>) {
    let answer = send(&simulator().await, Method::POST, PANDADOC, body).await;
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    let fields = body["detail"].as_object().cloned().unwrap_or_default();
    (status, fields.into_iter().map(|(name, _)| name).collect())
}

fn create() -> Value {
    json!({"name": "Invoices", "url": URL, "triggers": ["document_state_changed"]})
}

fn create_with(member: &str, value: Value) -> Value {
    let mut body = create();
    body[member] = value;
    body
}

#[tokio::test]
async fn pandadoc_names_every_member_that_is_missing() {
    let (status, fields) = refused_fields(json!({})).await;
    assert_eq!(
        (status, fields.join(" ").as_str()),
        (400, "name triggers url")
    );
}

#[tokio::test]
async fn pandadoc_refuses_what_is_wrong_in_any_member_and_names_it() {
    for (member, value) in [
        ("name", json!(null)),
        ("name", json!(7)),
        ("url", json!("no url")),
        ("url", json!("http://shop.example/hooks")),
        ("active", json!("yes")),
        ("active", json!(null)),
        ("payload", json!(["documents"])),
        ("triggers", json!(["document_completed"])),
        ("triggers", json!("document_state_changed")),
    ] {
        let refused = refused_fields(create_with(member, value.clone())).await;
        assert_eq!(refused, (400, vec![member.to_owned()]), "{value}");
    }
}

#[tokio::test]
async fn pandadoc_takes_null_for_triggers_and_payload() {
    for member in ["triggers", "payload"] {
        let body = create_with(member, Value::Null);
        let answer = send(&simulator().await, Method::POST, PANDADOC, body).await;
        assert_eq!(answer.status(), 201, "{member}");
    }
}

/// The status of a creation or an update whose body is valid JSON, sent as this media type.
async fn sent_as(method: Method, path: &str, content_type: Option<&str>) -> u16 {
    let simulator = simulator().await;
    let id = simulator.pandadoc().add_subscription(&url());
    let key = simulator.pandadoc().api_key();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!(
        "{}{PANDADOC}{}",
        simulator.base_url(),
        path.replace("ID", &id.to_string())
    );
    let mut request = client
        .request(method, url)
        .header(AUTHORIZATION, format!("API-Key {}", key.expose_secret()))
        .body(create().to_string());
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn pandadoc_answers_415_to_a_body_that_is_not_sent_as_json() {
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("text/plain; as=application/json"),
    ] {
        for (method, path) in [(Method::POST, ""), (Method::PATCH, "/ID")] {
            let status = sent_as(method.clone(), path, content_type).await;
            assert_eq!(status, 415, "{method} {content_type:?}");
        }
    }
}

#[tokio::test]
async fn pandadoc_takes_json_with_any_parameters_of_its_media_type() {
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        let status = sent_as(Method::POST, "", Some(content_type)).await;
        assert_eq!(status, 201, "{content_type}");
    }
}

#[tokio::test]
async fn a_regeneration_has_no_body_and_needs_no_media_type() {
    for content_type in [None, Some("text/plain")] {
        let status = sent_as(Method::PATCH, "/ID/shared-key", content_type).await;
        assert_eq!(status, 200, "{content_type:?}");
    }
}

#[tokio::test]
async fn pandadoc_takes_300_subscriptions_and_no_more() {
    let simulator = simulator().await;
    for _ in 0..299 {
        simulator.pandadoc().add_subscription(&url());
    }
    let last = send(&simulator, Method::POST, PANDADOC, create()).await;
    let one_more = send(&simulator, Method::POST, PANDADOC, create()).await;
    assert_eq!(
        (last.status().as_u16(), one_more.status().as_u16()),
        (201, 400)
    );
}

#[tokio::test]
async fn pandadoc_does_not_find_an_id_that_is_no_uuid() {
    let path = format!("{PANDADOC}/no-uuid");
    let answer = send(&simulator().await, Method::GET, &path, Value::Null).await;
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn pandadoc_takes_no_body_of_more_than_2_mb() {
    let body = create_with("name", json!("x".repeat(2 * 1024 * 1024)));
    let answer = send(&simulator().await, Method::POST, PANDADOC, body).await;
    assert_eq!(answer.status(), 413);
}

#[tokio::test]
async fn pandadoc_takes_a_body_of_2_mb() {
    let without_name = create_with("name", json!("")).to_string().len();
    let name = "x".repeat(2 * 1024 * 1024 - without_name);
    let body = create_with("name", json!(name));
    let answer = send(&simulator().await, Method::POST, PANDADOC, body).await;
    assert_eq!(answer.status(), 201);
}

#[tokio::test]
async fn every_answer_of_pandadocs_has_a_request_id() {
    let simulator = simulator().await;
    let id = simulator.pandadoc().add_subscription(&url());
    let one = format!("{PANDADOC}/{id}");
    for (method, path, status) in [
        (Method::GET, PANDADOC, 200),
        (Method::POST, PANDADOC, 400),
        (Method::PUT, PANDADOC, 405),
        (Method::DELETE, &one, 204),
        (Method::DELETE, &one, 404),
    ] {
        let answer = send(&simulator, method, path, json!({})).await;
        assert_eq!(
            (
                answer.status().as_u16(),
                answer.headers().contains_key("x-request-id")
            ),
            (status, true)
        );
    }
}

#[tokio::test]
async fn a_key_of_pandadocs_has_22_digits_of_base_62() {
    let simulator = simulator().await;
    let id = simulator.pandadoc().add_subscription(&url());
    let client = simulator.pandadoc().client_builder().build().unwrap();
    let answer = client.update_webhook_subscription_shared_key(&id).await;
    let key = answer.unwrap().into_inner().shared_key;
    let digits = key.expose_secret().chars();
    assert_eq!(digits.filter(char::is_ascii_alphanumeric).count(), 22);
}

#[tokio::test]
async fn each_regeneration_makes_another_key() {
    let simulator = simulator().await;
    let id = simulator.pandadoc().add_subscription(&url());
    let client = simulator.pandadoc().client_builder().build().unwrap();
    let first = client.update_webhook_subscription_shared_key(&id).await;
    let second = client.update_webhook_subscription_shared_key(&id).await;
    assert_ne!(first.unwrap().shared_key, second.unwrap().shared_key);
}

#[tokio::test]
async fn a_patch_leaves_alone_what_it_does_not_name() {
    let simulator = simulator().await;
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&url());
    let before = pandadoc.subscription(&id).unwrap();
    let client = pandadoc.client_builder().build().unwrap();
    let change = WebhookSubscriptionPatchRequest::new().triggers(Nullable::Null);
    client
        .update_webhook_subscription(&id, &change)
        .await
        .unwrap();
    let after = pandadoc.subscription(&id).unwrap();
    assert_eq!(
        (after.triggers, after.url, after.shared_key, after.active),
        (None, before.url, before.shared_key, Some(true))
    );
}

#[tokio::test]
async fn a_subscription_that_was_deleted_is_found_no_more() {
    let simulator = simulator().await;
    let id = simulator.pandadoc().add_subscription(&url());
    let path = format!("{PANDADOC}/{id}");
    let first = send(&simulator, Method::DELETE, &path, Value::Null).await;
    let second = send(&simulator, Method::DELETE, &path, Value::Null).await;
    assert_eq!(
        (first.status().as_u16(), second.status().as_u16()),
        (204, 404)
    );
}

fn ratepay_body(secret: &str) -> Value {
    json!({"url": URL, "event_type": "INVOICE_INVOICE", "secret": secret})
}

#[tokio::test]
async fn ratepay_takes_a_secret_of_64_characters_and_none_of_63() {
    let mut statuses = Vec::new();
    for secret in [SIGNING_SECRET, &SIGNING_SECRET[1..]] {
        let body = ratepay_body(secret);
        let answer = send(&simulator().await, Method::POST, RATEPAY, body).await;
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [201, 400]);
}

#[tokio::test]
async fn ratepay_refuses_an_update_that_leaves_anything_out() {
    let simulator = simulator().await;
    let secret = SigningSecret::generate();
    let id = simulator.ratepay().add_subscription(&url(), "A", secret);
    for member in ["url", "event_type", "secret"] {
        let mut body = ratepay_body(SIGNING_SECRET);
        body.as_object_mut().unwrap().remove(member);
        let path = format!("{RATEPAY}/{id}");
        let answer = send(&simulator, Method::PUT, &path, body).await;
        assert_eq!(answer.status(), 400, "{member}");
    }
}

#[tokio::test]
async fn ratepay_answers_400_to_a_malformed_id_and_404_to_an_unknown_one() {
    let mut statuses = Vec::new();
    for id in ["d8znR1k1_0Kw305BsoP!", "d8znR1k1_0Kw305BsoPT", UUID] {
        let path = format!("{RATEPAY}/{id}");
        let body = ratepay_body(SIGNING_SECRET);
        let answer = send(&simulator().await, Method::PUT, &path, body).await;
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [400, 404, 400]);
}

#[tokio::test]
async fn an_update_at_ratepay_replaces_everything_but_the_id() {
    let simulator = simulator().await;
    let ratepay = simulator.ratepay();
    let id = ratepay.add_subscription(&url(), "OLD", SigningSecret::generate());
    let client = ratepay.client_builder().build().unwrap();
    client
        .update_subscription(&id, &support::subscription())
        .await
        .unwrap();
    let after = ratepay.subscription(&id).unwrap();
    assert_eq!(
        (
            after.id.as_deref(),
            after.event_type.as_deref(),
            after.secret.expose_secret()
        ),
        (Some(id.as_str()), Some("INVOICE_INVOICE"), SIGNING_SECRET)
    );
}

#[tokio::test]
async fn a_client_of_ratepays_sees_its_own_subscriptions_alone() {
    let simulator = simulator().await;
    let ratepay = simulator.ratepay();
    ratepay.add_subscription(&url(), "A", SigningSecret::generate());
    let other = ratepay
        .client_builder()
        .access_token(ratepay.other_access_token());
    let seen = other.build().unwrap().list_subscriptions().await.unwrap();
    assert_eq!(seen.into_inner().0.len(), 0);
}

#[tokio::test]
async fn an_answer_405_names_the_methods_that_there_are() {
    let path = format!("{RATEPAY}/d8znR1k1_0Kw305BsoPT");
    let answer = send(&simulator().await, Method::POST, &path, Value::Null).await;
    let allowed = answer.headers().get(ALLOW).cloned();
    assert_eq!(
        (answer.status().as_u16(), allowed.unwrap().to_str().unwrap()),
        (405, "PUT, DELETE")
    );
}
