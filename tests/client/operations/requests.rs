//! Each of the twelve operations sends what its provider documents, and reads the response.

use serde_json::{json, Value};
use webhook_subscriptions::pandadoc::types::{
    ListWebhookEventRequest, WebhookEventErrorEnum, WebhookEventTriggerEnum,
    WebhookSubscriptionCreateRequest, WebhookSubscriptionPatchRequest,
    WebhookSubscriptionPayloadEnum, WebhookSubscriptionTriggerEnum,
};
use webhook_subscriptions::{Error, Nullable, ResponseValue};

use super::{held, id, pandadoc, ratepay, ratepay_id};
use crate::support::{self, response, Server, SHARED_KEY, SIGNING_SECRET, SUBSCRIPTION_ID, UUID};

/// Method, target and body of the one request that a call makes.
async fn sent<T>(
    answer: (u16, Value),
    call: impl AsyncFnOnce(String) -> Result<ResponseValue<T>, Error>,
) -> (String, Value) {
    let (status, body) = answer;
    let answer = match status {
        204 => b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_vec(),
        _ => response(status, &[], body.to_string()),
    };
    let mut server = Server::answering(answer).await;
    call(server.base_url()).await.unwrap();
    let request = server.request().await;
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let line = head
        .lines()
        .next()
        .unwrap()
        .trim_end_matches(" HTTP/1.1")
        .to_owned();
    (line, serde_json::from_str(body).unwrap_or_default())
}

fn line(method: &str, path: &str) -> String {
    format!("{method} {path}")
        .replace("{uuid}", UUID)
        .replace("{id}", SUBSCRIPTION_ID)
}

#[tokio::test]
async fn pandadoc_lists_subscriptions() {
    let seen = sent((200, json!({"items": []})), async |base_url| {
        pandadoc(&base_url).list_webhook_subscriptions().await
    })
    .await;
    assert_eq!(
        seen,
        (line("GET", "/public/v1/webhook-subscriptions"), Value::Null)
    );
}

#[tokio::test]
async fn pandadoc_creates_a_subscription() {
    let request = WebhookSubscriptionCreateRequest::new(
        "Invoices",
        vec![WebhookSubscriptionTriggerEnum::DocumentStateChanged],
        "https://shop.example/hooks".parse().unwrap(),
    )
    .payload(vec![WebhookSubscriptionPayloadEnum::Metadata]);
    let seen = sent(
        (201, json!({"uuid": UUID, "shared_key": SHARED_KEY})),
        async |base_url| {
            pandadoc(&base_url)
                .create_webhook_subscription(&request)
                .await
        },
    )
    .await;
    let expected = json!({
        "name": "Invoices",
        "payload": ["metadata"],
        "triggers": ["document_state_changed"],
        "url": "https://shop.example/hooks",
    });
    assert_eq!(
        seen,
        (line("POST", "/public/v1/webhook-subscriptions"), expected)
    );
}

#[tokio::test]
async fn pandadoc_reads_a_subscription() {
    let seen = sent((200, json!({"shared_key": SHARED_KEY})), async |base_url| {
        pandadoc(&base_url)
            .details_webhook_subscription(&id())
            .await
    })
    .await;
    assert_eq!(
        seen,
        (
            line("GET", "/public/v1/webhook-subscriptions/{uuid}"),
            Value::Null
        )
    );
}

#[tokio::test]
async fn pandadoc_updates_a_subscription_and_writes_no_default() {
    let patch = WebhookSubscriptionPatchRequest::new().name("Receipts");
    let seen = sent((200, json!({})), async |base_url| {
        pandadoc(&base_url)
            .update_webhook_subscription(&id(), &patch)
            .await
    })
    .await;
    let expected = json!({"name": "Receipts"});
    assert_eq!(
        seen,
        (
            line("PATCH", "/public/v1/webhook-subscriptions/{uuid}"),
            expected
        )
    );
}

#[tokio::test]
async fn pandadoc_is_told_null_where_null_is_meant() {
    let patch = WebhookSubscriptionPatchRequest::new()
        .payload(Nullable::Null)
        .triggers(Vec::new());
    let (_, body) = sent((200, json!({})), async |base_url| {
        pandadoc(&base_url)
            .update_webhook_subscription(&id(), &patch)
            .await
    })
    .await;
    assert_eq!(body, json!({"payload": null, "triggers": []}));
}

#[tokio::test]
async fn pandadoc_deletes_a_subscription() {
    let seen = sent((204, Value::Null), async |base_url| {
        pandadoc(&base_url).delete_webhook_subscription(&id()).await
    })
    .await;
    assert_eq!(
        seen,
        (
            line("DELETE", "/public/v1/webhook-subscriptions/{uuid}"),
            Value::Null
        )
    );
}

#[tokio::test]
async fn pandadoc_regenerates_a_shared_key() {
    let seen = sent((200, json!({"shared_key": SHARED_KEY})), async |base_url| {
        pandadoc(&base_url)
            .update_webhook_subscription_shared_key(&id())
            .await
    })
    .await;
    let path = "/public/v1/webhook-subscriptions/{uuid}/shared-key";
    assert_eq!(seen, (line("PATCH", path), Value::Null));
}

#[tokio::test]
async fn pandadoc_lists_events_by_every_parameter() {
    let errors = vec![WebhookEventErrorEnum::TimeoutError, "NEW_ERROR".into()];
    let groups = vec![400.try_into().unwrap(), 500.try_into().unwrap()];
    let types = vec![WebhookEventTriggerEnum::QuoteUpdated];
    let (since, to) = (
        "2026-11-23T00:00:00Z".to_owned(),
        "2026-11-24T00:00:00+01:00".to_owned(),
    );
    let (seen, _) = sent((200, json!({"items": []})), async |base_url| {
        pandadoc(&base_url)
            .list_webhook_event(
                &ListWebhookEventRequest::new(20, 1)
                    .error(errors)
                    .http_status_code(groups)
                    .since(since)
                    .to(to)
                    .type_(types),
            )
            .await
    })
    .await;
    let expected = "GET /public/v1/webhook-events?count=20&error=TIMEOUT_ERROR&error=NEW_ERROR\
                    &http_status_code=400&http_status_code=500&page=1&since=2026-11-23T00%3A00%3A00Z\
                    &to=2026-11-24T00%3A00%3A00%2B01%3A00&type=quote_updated";
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn pandadoc_lists_events_without_parameters_that_are_absent() {
    let (seen, _) = sent((200, json!({})), async |base_url| {
        pandadoc(&base_url)
            .list_webhook_event(&ListWebhookEventRequest::new(20, 1))
            .await
    })
    .await;
    assert_eq!(seen, "GET /public/v1/webhook-events?count=20&page=1");
}

#[tokio::test]
async fn pandadoc_reads_an_event() {
    let seen = sent((200, json!({})), async |base_url| {
        pandadoc(&base_url).details_webhook_event(&id()).await
    })
    .await;
    assert_eq!(
        seen,
        (line("GET", "/public/v1/webhook-events/{uuid}"), Value::Null)
    );
}

fn requested() -> Value {
    json!({"url": support::URL, "event_type": "INVOICE_INVOICE", "secret": SIGNING_SECRET})
}

#[tokio::test]
async fn ratepay_creates_a_subscription() {
    let seen = sent((201, held()), async |base_url| {
        ratepay(&base_url)
            .create_subscription(&support::subscription())
            .await
    })
    .await;
    assert_eq!(seen, (line("POST", "/webhook/management/v1"), requested()));
}

#[tokio::test]
async fn ratepay_lists_subscriptions() {
    let seen = sent((200, json!([held()])), async |base_url| {
        ratepay(&base_url).list_subscriptions().await
    })
    .await;
    assert_eq!(seen, (line("GET", "/webhook/management/v1"), Value::Null));
}

#[tokio::test]
async fn ratepay_updates_a_subscription() {
    let seen = sent((200, held()), async |base_url| {
        ratepay(&base_url)
            .update_subscription(&ratepay_id(), &support::subscription())
            .await
    })
    .await;
    assert_eq!(
        seen,
        (line("PUT", "/webhook/management/v1/{id}"), requested())
    );
}

#[tokio::test]
async fn ratepay_deletes_a_subscription() {
    let seen = sent((204, Value::Null), async |base_url| {
        ratepay(&base_url).delete_subscription(&ratepay_id()).await
    })
    .await;
    assert_eq!(
        seen,
        (line("DELETE", "/webhook/management/v1/{id}"), Value::Null)
    );
}

#[tokio::test]
async fn one_subscription_of_ratepays_is_found_in_the_list() {
    let other = json!({"id": "00000000000000000000"});
    let server = Server::answering(response(200, &[], json!([other, held()]).to_string())).await;
    let found = ratepay(&server.base_url())
        .subscription(&ratepay_id())
        .await
        .unwrap();
    assert_eq!(
        found.into_inner().unwrap().event_type.as_deref(),
        Some("INVOICE_INVOICE")
    );
}

#[tokio::test]
async fn one_subscription_of_ratepays_comes_with_the_headers_of_its_list() {
    let headers = [("x-request-id", "7")];
    let server = Server::answering(response(200, &headers, "[]")).await;
    let found = ratepay(&server.base_url())
        .subscription(&ratepay_id())
        .await
        .unwrap();
    assert_eq!(found.headers()["x-request-id"], "7");
}

#[tokio::test]
async fn a_subscription_that_ratepay_has_not_is_none() {
    let server = Server::answering(response(200, &[], "[]")).await;
    let found = ratepay(&server.base_url())
        .subscription(&ratepay_id())
        .await
        .unwrap();
    assert!(found.is_none());
}
