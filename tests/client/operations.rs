//! Each of the twelve operations puts on the wire what its provider documents, and reads the answer.

use crate::support::{self, response, run_clock_in_small_steps, Script, Server, PATIENCE};
use crate::support::{SHARED_KEY, SIGNING_SECRET, SUBSCRIPTION_ID, UUID};
use serde_json::{json, Value};
use webhook_subscriptions::pandadoc::types::{
    ListWebhookEventRequest, WebhookEventErrorEnum, WebhookEventTriggerEnum,
    WebhookSubscriptionCreateRequest, WebhookSubscriptionPatchRequest,
    WebhookSubscriptionPayloadEnum, WebhookSubscriptionTriggerEnum,
};
use webhook_subscriptions::{
    pandadoc, ratepay, Error, Nullable, Outcome, ResponseValue, RetryPolicy,
};

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

fn pandadoc(base_url: &str) -> pandadoc::Client {
    support::pandadoc(base_url, PATIENCE)
}

fn ratepay(base_url: &str) -> ratepay::Client {
    support::ratepay(base_url, PATIENCE)
}

fn id() -> uuid::Uuid {
    UUID.parse().unwrap()
}

fn ratepay_id() -> ratepay::types::SubscriptionId {
    SUBSCRIPTION_ID.parse().unwrap()
}

fn line(method: &str, path: &str) -> String {
    format!("{method} {path}")
        .replace("{uuid}", UUID)
        .replace("{id}", SUBSCRIPTION_ID)
}

// PandaDoc.

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

// Ratepay.

fn held() -> Value {
    json!({
        "id": SUBSCRIPTION_ID,
        "url": support::URL,
        "event_type": "INVOICE_INVOICE",
        "secret": SIGNING_SECRET,
    })
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

// Errors: the kinds of request and answer that `error_answers` does not have.

/// The outcome of calls that are answered with this status: with a query, with no result, and with a
/// body that creates.
async fn outcomes(status: u16) -> [(Option<u16>, Outcome); 3] {
    let server = Server::answering(response(status, &[], "<html>")).await;
    let client = pandadoc(&server.base_url());
    let subscriptions = ratepay(&server.base_url());
    let seen = |error: Error| {
        (
            error.status().map(|status| status.as_u16()),
            error.outcome(),
        )
    };
    [
        seen(
            client
                .list_webhook_event(&ListWebhookEventRequest::new(1, 1))
                .await
                .unwrap_err(),
        ),
        seen(client.delete_webhook_subscription(&id()).await.unwrap_err()),
        seen(
            subscriptions
                .create_subscription(&support::subscription())
                .await
                .unwrap_err(),
        ),
    ]
}

#[tokio::test]
async fn refusals_keep_their_status_and_are_rejections() {
    for status in [307, 400, 401, 403, 404, 405, 406, 415, 429] {
        assert_eq!(
            outcomes(status).await,
            [(Some(status), Outcome::Rejected); 3],
            "{status}"
        );
    }
}

#[tokio::test]
async fn failures_keep_their_status_and_are_unknown() {
    for status in [301, 303, 408, 500, 502, 503] {
        assert_eq!(
            outcomes(status).await,
            [(Some(status), Outcome::Unknown); 3],
            "{status}"
        );
    }
}

// Repeats.

/// How many requests a call makes whose first answer is lost, and whether it succeeds, when the server
/// then answers so.
async fn after_a_loss<T>(
    answer: Vec<u8>,
    call: impl AsyncFnOnce(String) -> Result<T, Error>,
) -> (usize, bool) {
    run_clock_in_small_steps();
    let mut server = Server::scripted(move |number| match number {
        0 => Script::close(),
        _ => Script::answer(answer.clone()),
    })
    .await;
    let result = call(server.base_url()).await;
    (server.requests(), result.is_ok())
}

fn repeating(base_url: &str) -> pandadoc::Client {
    pandadoc(base_url).with_retry(RetryPolicy::default())
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_the_provider_misses_at_the_second_try_was_deleted() {
    let missing = r#"{"type":"request_error","detail":"Not found"}"#;
    let seen = after_a_loss(response(404, &[], missing), async |base_url| {
        repeating(&base_url)
            .delete_webhook_subscription(&id())
            .await
    })
    .await;
    assert_eq!(seen, (2, true));
    let problem = [("content-type", "application/problem+json; charset=utf-8")];
    let missing = response(
        404,
        &problem,
        r#"{"message":"The resource was not found."}"#,
    );
    let seen = after_a_loss(missing, async |base_url| {
        let client = ratepay(&base_url).with_retry(RetryPolicy::default());
        client.delete_subscription(&ratepay_id()).await
    })
    .await;
    assert_eq!(seen, (2, true));
}

/// 404s of gateways: an HTML page, other JSON, RFC 9457's members, and no body.
fn gateways_404s() -> [Vec<u8>; 5] {
    let json = [("content-type", "application/json")];
    let problem = [("content-type", "application/problem+json")];
    [
        response(404, &[], "<html><h1>404 Not Found</h1></html>"),
        response(
            404,
            &json,
            r#"{"message":"no Route matched with those values"}"#,
        ),
        response(
            404,
            &json,
            r#"{"timestamp":1,"status":404,"error":"Not Found","path":"/"}"#,
        ),
        response(
            404,
            &problem,
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"No route."}"#,
        ),
        response(404, &[], ""),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_404_of_a_gateway_proves_no_deletion_at_pandadoc() {
    for answer in gateways_404s() {
        let text = String::from_utf8_lossy(&answer).into_owned();
        let seen = after_a_loss(answer, async |base_url| {
            repeating(&base_url)
                .delete_webhook_subscription(&id())
                .await
        })
        .await;
        assert_eq!(seen, (2, false), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_404_of_a_gateway_proves_no_deletion_at_ratepay() {
    for answer in gateways_404s() {
        let text = String::from_utf8_lossy(&answer).into_owned();
        let seen = after_a_loss(answer, async |base_url| {
            let client = ratepay(&base_url).with_retry(RetryPolicy::default());
            client.delete_subscription(&ratepay_id()).await
        })
        .await;
        assert_eq!(seen, (2, false), "{text}");
    }
}

#[tokio::test]
async fn a_subscription_that_is_not_there_at_the_first_try_is_an_error() {
    let server = Server::answering(response(404, &[], "{}")).await;
    let result = repeating(&server.base_url())
        .delete_webhook_subscription(&id())
        .await;
    assert_eq!(result.unwrap_err().outcome(), Outcome::Rejected);
}

#[tokio::test(start_paused = true)]
async fn a_patch_of_values_is_repeated() {
    let seen = after_a_loss(response(200, &[], "{}"), async |base_url| {
        let patch = WebhookSubscriptionPatchRequest::default();
        repeating(&base_url)
            .update_webhook_subscription(&id(), &patch)
            .await
    })
    .await;
    assert_eq!(seen, (2, true));
}

#[tokio::test(start_paused = true)]
async fn a_creation_is_never_repeated() {
    let seen = after_a_loss(response(201, &[], held().to_string()), async |base_url| {
        let client = ratepay(&base_url).with_retry(RetryPolicy::default());
        client.create_subscription(&support::subscription()).await
    })
    .await;
    assert_eq!(seen, (1, false));
}
