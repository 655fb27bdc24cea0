//! An operation is retried after a lost response only if a second request does no harm. A deletion that a retry finds
//! done is a success.

use webhook_subscriptions::pandadoc::types::WebhookSubscriptionPatchRequest;
use webhook_subscriptions::{Error, Outcome, RetryPolicy};

use super::{held, id, pandadoc, ratepay, ratepay_id};
use crate::support::{self, response, run_clock_in_small_steps, Script, Server};

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
