//! The server's own wait is kept: by the call it answers, and by all others of the client.

use std::time::Duration;

use crate::support::{
    self, response, run_clock_in_small_steps, Operation, Script, Server, PATIENCE, UUID,
};
use tokio::time::Instant;
use webhook_subscriptions::{pandadoc, ErrorKind, Outcome, RetryPolicy};

/// How long a call takes, in seconds of the paused clock, when the server first answers with 429.
async fn seconds_after(headers: &[(&str, &str)], body: &str) -> u64 {
    run_clock_in_small_steps();
    let refusal = response(429, headers, body);
    let success = response(200, &[], Operation::SharedKey.success());
    let server = Server::scripted(move |number| match number {
        0 => Script::answer(refusal.clone()),
        _ => Script::answer(success.clone()),
    })
    .await;
    let start = Instant::now();
    let result = Operation::SharedKey
        .call_under(RetryPolicy::default(), &server.base_url())
        .await;
    result.unwrap();
    start.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn a_wait_in_seconds_is_kept() {
    assert_eq!(seconds_after(&[("retry-after", "13")], "").await, 13);
}

#[tokio::test(start_paused = true)]
async fn a_wait_as_a_date_is_kept() {
    let headers = [
        ("date", "Thu, 26 Nov 2026 10:00:00 GMT"),
        ("retry-after", "Thu, 26 Nov 2026 10:00:42 GMT"),
    ];
    assert_eq!(seconds_after(&headers, "").await, 42);
}

#[tokio::test(start_paused = true)]
async fn a_date_that_has_passed_is_no_wait() {
    let headers = [("retry-after", "Thu, 26 Nov 2020 10:00:00 GMT")];
    assert_eq!(seconds_after(&headers, "").await, 0);
}

#[tokio::test(start_paused = true)]
async fn pandadocs_sentence_is_kept_where_there_is_no_header() {
    let body = r#"{"type":"request_error","detail":"Request was throttled. Expected available in 17 seconds."}"#;
    assert_eq!(seconds_after(&[], body).await, 17);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_nonsense_is_ignored() {
    for nonsense in ["soon", "-5", "1.5", "99999999999999999999999"] {
        let seconds = seconds_after(&[("retry-after", nonsense)], "").await;
        assert!(seconds <= 1, "{nonsense}: {seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_before_the_deadline_is_not_begun() {
    run_clock_in_small_steps();
    let server = Server::answering(response(429, &[("retry-after", "500")], "")).await;
    let start = Instant::now();
    let result = Operation::SharedKey
        .call_under(RetryPolicy::default(), &server.base_url())
        .await;
    let seen = (result.unwrap_err().retry_after(), start.elapsed().as_secs());
    assert_eq!(seen, (Some(Duration::from_secs(500)), 0));
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_ages_does_no_harm() {
    run_clock_in_small_steps();
    let ages = u64::MAX.to_string();
    let server = Server::answering(response(429, &[("retry-after", &ages)], "")).await;
    let policy = RetryPolicy::default().deadline(Duration::MAX);
    let error = Operation::SharedKey
        .call_under(policy, &server.base_url())
        .await
        .unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(u64::MAX)));
}

/// A client that was told by a 429 to wait for 500 seconds, and the server that told it so.
async fn told_to_wait() -> (pandadoc::Client, Server) {
    told_to_wait_by(429).await
}

async fn told_to_wait_by(status: u16) -> (pandadoc::Client, Server) {
    run_clock_in_small_steps();
    let mut server = Server::answering(response(status, &[("retry-after", "500")], "")).await;
    let client = support::pandadoc(&server.base_url(), PATIENCE);
    let id = UUID.parse().unwrap();
    client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap_err();
    assert_eq!(server.requests(), 1);
    (client, server)
}

#[tokio::test(start_paused = true)]
async fn no_other_call_is_sent_into_the_wait() {
    for status in [429, 503] {
        let (client, mut server) = told_to_wait_by(status).await;
        let id = UUID.parse().unwrap();
        client
            .clone()
            .update_webhook_subscription_shared_key(&id)
            .await
            .unwrap_err();
        assert_eq!(server.requests(), 0, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_limited_call_says_so() {
    let (client, _server) = told_to_wait().await;
    let id = UUID.parse().unwrap();
    let error = client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::RateLimited, Outcome::NotSent)
    );
}

#[tokio::test(start_paused = true)]
async fn a_rate_limited_call_tells_how_long_the_wait_still_is() {
    let (client, _server) = told_to_wait().await;
    tokio::time::sleep(Duration::from_secs(100)).await;
    let id = UUID.parse().unwrap();
    let error = client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap_err();
    let left = error.retry_after().unwrap().as_secs();
    assert!((398..=400).contains(&left), "{left}");
}

#[tokio::test(start_paused = true)]
async fn a_call_with_time_enough_waits_and_is_sent() {
    let (client, mut server) = told_to_wait().await;
    let patient = client.with_retry(RetryPolicy::none().deadline(Duration::from_secs(600)));
    let id = UUID.parse().unwrap();
    let start = Instant::now();
    patient
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap_err();
    assert_eq!((start.elapsed().as_secs(), server.requests()), (500, 1));
}

#[tokio::test(start_paused = true)]
async fn no_wait_silences_the_other_calls_of_a_client_for_more_than_an_hour() {
    run_clock_in_small_steps();
    let year = (365 * 24 * 60 * 60).to_string();
    let server = Server::answering(response(429, &[("retry-after", &year)], "")).await;
    let client = support::pandadoc(&server.base_url(), PATIENCE);
    let id = UUID.parse().unwrap();
    client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap_err();
    let error = client
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap_err();
    let left = error.retry_after().unwrap();
    assert!(left <= Duration::from_secs(3_600), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn another_client_does_not_share_the_wait() {
    let (_client, mut server) = told_to_wait().await;
    let other = support::pandadoc(&server.base_url(), PATIENCE);
    let id = UUID.parse().unwrap();
    other
        .update_webhook_subscription_shared_key(&id)
        .await
        .unwrap_err();
    assert_eq!(server.requests(), 1);
}
