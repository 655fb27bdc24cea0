//! Every error is one sentence: what happened, what the server may have done, what to do next.

use crate::support;

use support::{head, response, Operation, Script, Server, HASTE};

async fn sentence(operation: Operation, script: Script) -> String {
    let server = Server::start(script).await;
    operation
        .call_within(&server.base_url(), HASTE)
        .await
        .unwrap_err()
        .to_string()
}

fn status(status: u16, headers: &[(&str, &str)]) -> Script {
    Script::answer(response(status, headers, ""))
}

#[tokio::test]
async fn not_connected() {
    let expected =
        "update_subscription: no connection could be made, so nothing was sent; call again \
                    after a pause";
    assert_eq!(
        sentence(Operation::Subscription, Script::close_at_once()).await,
        expected
    );
}

#[tokio::test]
async fn no_response_to_what_may_be_repeated() {
    let expected =
        "update_subscription: the connection failed before a response came, so the server \
                    may have acted; calling again is safe";
    assert_eq!(
        sentence(Operation::Subscription, Script::close()).await,
        expected
    );
}

#[tokio::test]
async fn no_response_to_what_must_not_be_repeated() {
    let expected = "update_webhook_subscription_shared_key: the connection failed before a response \
                    came, so the server may have acted; do not call again, read back what the server \
                    holds";
    assert_eq!(
        sentence(Operation::SharedKey, Script::close()).await,
        expected
    );
}

#[tokio::test]
async fn out_of_time() {
    let expected = "update_subscription: no response came in time, so the server may have acted; \
                    calling again is safe";
    assert_eq!(
        sentence(Operation::Subscription, Script::stall()).await,
        expected
    );
}

#[tokio::test]
async fn refused_with_a_request_id() {
    let headers = [("x-request-id", "d173751d-0057-4d5c-ab75-49a670a4ca68")];
    let expected = "update_subscription: the server answered 401 Unauthorized (request id \
                    d173751d-0057-4d5c-ab75-49a670a4ca68), so the server did not act; check the \
                    credential";
    assert_eq!(
        sentence(Operation::Subscription, status(401, &headers)).await,
        expected
    );
}

#[tokio::test]
async fn told_to_wait() {
    let expected =
        "update_subscription: the server answered 429 Too Many Requests, so the server did \
                    not act; call again after 30 s";
    let script = status(429, &[("retry-after", "30")]);
    assert_eq!(sentence(Operation::Subscription, script).await, expected);
}

#[tokio::test]
async fn redirected() {
    let expected =
        "update_subscription: the server answered 307 Temporary Redirect, so the server did not act; \
                    redirects are not followed: check the base URL";
    assert_eq!(
        sentence(Operation::Subscription, status(307, &[])).await,
        expected
    );
}

#[tokio::test]
async fn redirected_perhaps_after_the_server_acted() {
    let expected = "update_webhook_subscription_shared_key: the server answered 303 See Other, so the server may \
                    have acted; redirects are not followed: check the base URL, then read back what \
                    the server holds";
    let script = status(303, &[]);
    assert_eq!(sentence(Operation::SharedKey, script).await, expected);
}

#[tokio::test]
async fn a_request_id_that_may_be_a_key_is_not_printed() {
    let expected =
        "update_subscription: the server answered 401 Unauthorized, so the server did not \
                    act; check the credential";
    for id in [
        "d173751d00574d5cab7549a670a4ca68",
        "{d173751d-0057-4d5c-ab75-49a670a4ca68}",
        "urn:uuid:d173751d-0057-4d5c-ab75-49a670a4ca68",
    ] {
        let script = status(401, &[("x-request-id", id)]);
        let sentence = sentence(Operation::Subscription, script).await;
        assert_eq!(sentence, expected, "{id}");
    }
}

#[tokio::test]
async fn a_result_cut_short() {
    let expected =
        "update_webhook_subscription_shared_key: the server answered 200 OK with a body cut \
                    short, so the server has acted and its result is lost; do not call again, read \
                    back what the server holds";
    let script = Script::answer(head(200, &[], 9));
    assert_eq!(sentence(Operation::SharedKey, script).await, expected);
}
