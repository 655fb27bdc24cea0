//! PandaDoc's refresh token is exchanged once, and the access token is used while it is valid.

use std::sync::atomic::Ordering;
use std::time::Duration;

use webhook_subscriptions::pandadoc::oauth::RefreshToken;
use webhook_subscriptions::{Error, ErrorKind, RetryPolicy};

use super::{odd_successes, pandadoc, pandadoc_api, regenerate, rotating_token_server};
use super::{strict_token_server, token, Store};
use crate::support::{self, run_clock_in_small_steps, Script, Server};

#[tokio::test]
async fn a_refresh_token_goes_to_the_token_endpoint_as_a_form() {
    let (api, mut tokens) = (pandadoc_api().await, rotating_token_server().await);
    regenerate(&pandadoc(&api, &tokens, Store::default()))
        .await
        .unwrap();
    let request = tokens.request().await;
    let expected = concat!(
        "POST /oauth2/access_token HTTP/1.1\r\n",
        "accept: application/json\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "user-agent: webhook-subscriptions/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "host: HOST\r\n",
        "content-length: 87\r\n",
        "\r\n",
        "client_id=app&client_secret=app-s3cret&grant_type=refresh_token&refresh_token=refresh-1",
    );
    assert_eq!(request, expected);
}

#[tokio::test]
async fn the_access_token_is_sent_as_a_bearer_token() {
    let (mut api, tokens) = (pandadoc_api().await, rotating_token_server().await);
    regenerate(&pandadoc(&api, &tokens, Store::default()))
        .await
        .unwrap();
    let request = api.request().await;
    assert!(
        request.contains("authorization: Bearer an-access-token\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn an_answer_without_a_refresh_token_leaves_the_old_one() {
    let tokens = Server::answering(token(r#"{"access_token":"an-access-token"}"#)).await;
    let store = Store::default();
    regenerate(&pandadoc(&pandadoc_api().await, &tokens, store.clone()))
        .await
        .unwrap();
    assert_eq!(store.kept.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_not_repeated() {
    let api = pandadoc_api().await;
    let mut tokens = Server::start(Script::close()).await;
    let oauth = pandadoc::oauth::Client::builder()
        .base_url(tokens.base_url())
        .build()
        .unwrap();
    let source = RefreshToken::new(
        oauth,
        support::grant("app-s3cret", "refresh-1"),
        Store::default(),
    );
    let client = pandadoc::Client::builder()
        .base_url(api.base_url())
        .credential_source(source)
        .build()
        .unwrap();
    regenerate(&client).await.unwrap_err();
    assert_eq!(tokens.requests(), 1);
}

#[tokio::test]
async fn a_deadline_of_zero_asks_for_no_token() {
    let (api, mut tokens) = (pandadoc_api().await, Server::answering(token("{}")).await);
    let client = pandadoc(&api, &tokens, Store::default());
    let hurried = client.with_retry(RetryPolicy::none().deadline(Duration::ZERO));
    let error = regenerate(&hurried).await.unwrap_err();
    // Waits for an exchange that the first call may have begun, and makes one of its own.
    regenerate(&client).await.unwrap_err();
    assert_eq!(
        (error.kind(), tokens.requests()),
        (ErrorKind::RateLimited, 1)
    );
}

#[tokio::test]
async fn a_call_goes_on_with_an_access_token_whatever_else_is_wrong_with_its_response() {
    let mut failed = Vec::new();
    for (what, answer) in odd_successes() {
        let (api, tokens) = (pandadoc_api().await, Server::answering(answer).await);
        if let Err(error) = regenerate(&pandadoc(&api, &tokens, Store::default())).await {
            failed.push((what, error));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn a_response_without_an_access_token_is_the_cause_of_the_error() {
    let tokens = Server::answering(token(r#"{"refresh_token":"refresh-2"}"#)).await;
    let client = pandadoc(&pandadoc_api().await, &tokens, Store::default());
    let error = regenerate(&client).await.unwrap_err();
    let cause = std::error::Error::source(&error).and_then(std::error::Error::source);
    let cause: &Error = cause.and_then(|cause| cause.downcast_ref()).unwrap();
    assert_eq!(cause.kind(), ErrorKind::UnusableSuccess);
}

#[tokio::test]
async fn the_next_refresh_sends_the_token_of_a_response_that_was_malformed() {
    let mut tokens = Server::scripted(|number| match number {
        0 => Script::answer(token(r#"{"refresh_token":"refresh-2"}"#)),
        _ => Script::answer(token(r#"{"access_token":"a-token"}"#)),
    })
    .await;
    let client = pandadoc(&pandadoc_api().await, &tokens, Store::default());
    regenerate(&client).await.unwrap_err();
    regenerate(&client).await.unwrap();
    tokens.request().await;
    let second = tokens.request().await;
    assert!(second.ends_with("&refresh_token=refresh-2"), "{second}");
}

#[tokio::test(start_paused = true)]
async fn an_access_token_that_expired_before_it_was_used_is_not_sent() {
    run_clock_in_small_steps();
    let (api, mut tokens) = (pandadoc_api().await, strict_token_server().await);
    let store = Store::default();
    store.failures.store(1, Ordering::SeqCst);
    let client = pandadoc(&api, &tokens, store);
    regenerate(&client).await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(10)).await;
    regenerate(&client).await.unwrap();
    assert_eq!(tokens.requests(), 2);
}
