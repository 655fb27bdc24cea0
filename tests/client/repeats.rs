//! What may be repeated is repeated, and nothing else.

use std::time::Duration;

use crate::support::{
    self, head, response, run_clock_in_small_steps, Operation, Script, Server, PATIENCE,
};
use crate::support::{SHARED_KEY, UUID};
use webhook_subscriptions::{ratepay, Error, ErrorKind, Outcome, RetryPolicy, Secret};

/// Calls a server that follows `first` once and then answers with success. The clock is paused, so
/// that no back-off takes time. Returns the result, and how many requests the server read.
async fn after(operation: Operation, first: Script) -> (Result<Secret, Error>, usize) {
    run_clock_in_small_steps();
    let success = response(200, &[], operation.success());
    let mut server = Server::scripted(move |number| match number {
        0 => first.clone(),
        _ => Script::answer(success.clone()),
    })
    .await;
    let result = operation
        .call_under(RetryPolicy::default(), &server.base_url())
        .await;
    (result, server.requests())
}

fn status(status: u16, headers: &[(&str, &str)]) -> Script {
    Script::answer(response(status, headers, "{}"))
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_not_sent_is_repeated() {
    for operation in Operation::ALL {
        let (result, _) = after(operation, Script::close_at_once()).await;
        assert!(result.is_ok(), "{operation:?}: {result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_is_repeated() {
    for operation in Operation::ALL {
        for headers in [&[("retry-after", "7")][..], &[][..]] {
            let (result, _) = after(operation, status(429, headers)).await;
            assert!(result.is_ok(), "{operation:?} {headers:?}: {result:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_is_answered_with_503_and_a_wait_is_retried() {
    let script = status(503, &[("retry-after", "7")]);
    let (result, _) = after(Operation::Subscription, script).await;
    assert!(result.is_ok(), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_of_zero_sends_nothing() {
    for operation in Operation::ALL {
        let success = response(200, &[], operation.success());
        let mut server = Server::answering(success).await;
        let policy = RetryPolicy::none().deadline(Duration::ZERO);
        for _ in 0..100 {
            let result = operation.call_under(policy, &server.base_url()).await;
            assert_eq!(
                result.unwrap_err().kind(),
                ErrorKind::RateLimited,
                "{operation:?}"
            );
        }
        assert_eq!(server.requests(), 0, "{operation:?}");
    }
}

/// Attempts of which nobody knows what became of them.
fn unknown() -> [Script; 9] {
    [
        Script::close(),
        Script::stall(),
        Script::answer("220 mail.example ESMTP\r\n"),
        status(500, &[]),
        status(502, &[("retry-after", "1")]),
        status(503, &[]),
        status(503, &[("retry-after", "1")]),
        status(408, &[]),
        status(499, &[("retry-after", "1")]),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_update_whose_outcome_is_unknown_is_repeated() {
    for (number, script) in unknown().into_iter().enumerate() {
        let (result, _) = after(Operation::Subscription, script).await;
        assert!(result.is_ok(), "{number}: {result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_regeneration_whose_outcome_is_unknown_is_never_repeated() {
    for (number, script) in unknown().into_iter().enumerate() {
        let (_, requests) = after(Operation::SharedKey, script).await;
        assert_eq!(requests, 1, "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_server_refuses_is_not_repeated() {
    for operation in Operation::ALL {
        for refusal in [301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 415] {
            let (_, requests) = after(operation, status(refusal, &[("retry-after", "1")])).await;
            assert_eq!(requests, 1, "{operation:?} {refusal}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_success_whose_result_is_lost_is_not_repeated() {
    for operation in Operation::ALL {
        let (result, requests) = after(operation, status(200, &[])).await;
        let seen = (result.unwrap_err().outcome(), requests);
        assert_eq!(seen, (Outcome::Applied, 1), "{operation:?}");
    }
}

/// Answers that began as a success and were lost on the way.
fn lost_answers(success: &str) -> [Script; 4] {
    let mut cut = head(200, &[], success.len());
    cut.extend_from_slice(&success.as_bytes()[..9]);
    [
        Script::answer(cut.clone()),
        Script::stall_after(cut),
        // Cut by a gateway that closes what has no length.
        Script::answer(format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
            &success[..9]
        )),
        Script::answer(response(200, &[], "<html>Please log in</html>")),
    ]
}

/// Calls a server that follows `first` once and then answers with success.
async fn reading<T>(
    first: Script,
    success: &str,
    call: impl AsyncFnOnce(String) -> Result<T, Error>,
) -> (bool, usize) {
    run_clock_in_small_steps();
    let success = response(200, &[], success);
    let mut server = Server::scripted(move |number| match number {
        0 => first.clone(),
        _ => Script::answer(success.clone()),
    })
    .await;
    let result = call(server.base_url()).await;
    (result.is_ok(), server.requests())
}

#[tokio::test(start_paused = true)]
async fn a_read_whose_answer_is_lost_is_retried() {
    let subscription = format!(r#"{{"shared_key":"{SHARED_KEY}"}}"#);
    for (number, script) in lost_answers(&subscription).into_iter().enumerate() {
        let seen = reading(script, &subscription, async |base_url| {
            let client = support::pandadoc(&base_url, PATIENCE).with_retry(RetryPolicy::default());
            client
                .details_webhook_subscription(&UUID.parse().unwrap())
                .await
        })
        .await;
        assert_eq!(seen, (true, 2), "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_request_whose_answer_is_lost_is_retried() {
    let token = r#"{"access_token":"a-token","expires_in":1800}"#;
    for (number, script) in lost_answers(token).into_iter().enumerate() {
        let seen = reading(script, token, async |base_url| {
            let client = ratepay::oauth::Client::builder()
                .base_url(base_url)
                .build()
                .unwrap();
            let request = ratepay::oauth::types::TokenRequest {
                audience: "it".to_owned(),
                client_id: "id".to_owned(),
                client_secret: "secret".into(),
                grant_type: "client_credentials".to_owned(),
            };
            client.create_o_auth_token(&request).await
        })
        .await;
        assert_eq!(seen, (true, 2), "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_whose_answer_is_larger_than_the_limit_is_not_retried() {
    run_clock_in_small_steps();
    let mut server = Server::answering(response(200, &[], vec![b'x'; 2 * 1024 * 1024])).await;
    let client = support::pandadoc(&server.base_url(), PATIENCE).with_retry(RetryPolicy::default());
    client.list_webhook_subscriptions().await.unwrap_err();
    assert_eq!(server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_read_whose_answers_are_all_lost_tells_how_often_it_was_sent() {
    run_clock_in_small_steps();
    let server = Server::answering(head(200, &[], 9)).await;
    let client = support::pandadoc(&server.base_url(), PATIENCE).with_retry(RetryPolicy::default());
    let error = client.list_webhook_subscriptions().await.unwrap_err();
    assert_eq!((error.outcome(), error.attempts()), (Outcome::Applied, 4));
}

/// The error of an update under `policy`, to a server that follows `scripts`, the last for ever.
async fn error_under(policy: RetryPolicy, scripts: Vec<Script>) -> (Error, usize) {
    run_clock_in_small_steps();
    let last = scripts.len() - 1;
    let mut server = Server::scripted(move |number| scripts[number.min(last)].clone()).await;
    let result = Operation::Subscription
        .call_under(policy, &server.base_url())
        .await;
    (result.unwrap_err(), server.requests())
}

#[tokio::test(start_paused = true)]
async fn what_one_attempt_leaves_open_a_later_refusal_does_not_settle() {
    let scripts = vec![Script::close(), status(403, &[])];
    let (error, _) = error_under(RetryPolicy::default(), scripts).await;
    let seen = (
        error.status().map(|status| status.as_u16()),
        error.outcome(),
    );
    assert_eq!(seen, (Some(403), Outcome::Unknown));
}

#[tokio::test(start_paused = true)]
async fn there_are_no_more_attempts_than_the_policy_allows() {
    let policy = RetryPolicy::default().attempts(3);
    let (_, requests) = error_under(policy, vec![Script::close()]).await;
    assert_eq!(requests, 3);
}

#[tokio::test(start_paused = true)]
async fn an_error_tells_how_many_attempts_there_were() {
    let policy = RetryPolicy::default().attempts(3);
    let (error, _) = error_under(policy, vec![Script::close()]).await;
    assert_eq!(error.attempts(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_lost_result_tells_how_many_attempts_there_were() {
    let scripts = vec![status(500, &[]), status(500, &[]), status(200, &[])];
    let (error, _) = error_under(RetryPolicy::default(), scripts).await;
    assert_eq!((error.outcome(), error.attempts()), (Outcome::Applied, 3));
}

#[tokio::test(start_paused = true)]
async fn what_waited_in_the_queue_until_its_deadline_was_not_sent() {
    run_clock_in_small_steps();
    let mut server = Server::start(Script::stall()).await;
    let policy = RetryPolicy::none().deadline(Duration::from_secs(20));
    let client = support::pandadoc(&server.base_url(), PATIENCE).with_retry(policy);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let client = client.clone();
        calls.spawn(async move {
            let id = support::UUID.parse().unwrap();
            client
                .update_webhook_subscription_shared_key(&id)
                .await
                .unwrap_err()
                .outcome()
        });
    }
    let outcomes = calls.join_all().await;
    let unsent = outcomes
        .iter()
        .filter(|outcome| **outcome == Outcome::NotSent)
        .count();
    assert_eq!((unsent, server.requests()), (24, 16));
}

#[tokio::test(start_paused = true)]
async fn without_repeats_there_is_one_attempt() {
    let (_, requests) = error_under(RetryPolicy::none(), vec![Script::close()]).await;
    assert_eq!(requests, 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_by_its_deadline() {
    // The first attempt takes the whole time-out of 30 s, and the second one the rest.
    let policy = RetryPolicy::default()
        .attempts(1_000)
        .deadline(Duration::from_secs(45));
    let start = tokio::time::Instant::now();
    error_under(policy, vec![Script::stall()]).await;
    assert!(
        start.elapsed() <= Duration::from_secs(46),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn back_off_stays_below_its_bounds() {
    let policy = RetryPolicy::default()
        .attempts(8)
        .first_backoff(Duration::from_secs(1))
        .longest_backoff(Duration::from_secs(4));
    let start = tokio::time::Instant::now();
    error_under(policy, vec![Script::close()]).await;
    // 1 + 2 + 4 + 4 + 4 + 4 + 4, and what the clock runs on while there is something to read.
    assert!(
        start.elapsed() < Duration::from_secs(24),
        "{:?}",
        start.elapsed()
    );
}

/// How many seconds of back-off follow from a seed.
async fn waits_of(seed: u64) -> u64 {
    let server = Server::start(Script::close()).await;
    let minute = Duration::from_secs(60);
    let client = ratepay::Client::builder()
        .base_url(server.base_url())
        .access_token(support::JWT)
        .retry(
            RetryPolicy::default()
                .first_backoff(minute)
                .longest_backoff(minute)
                .deadline(minute * 10),
        )
        .jitter_seed(seed)
        .build()
        .unwrap();
    let start = tokio::time::Instant::now();
    let id = support::SUBSCRIPTION_ID.parse().unwrap();
    client
        .update_subscription(&id, &support::subscription())
        .await
        .unwrap_err();
    start.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn back_off_with_one_seed_is_the_same_twice() {
    run_clock_in_small_steps();
    let (first, second) = (waits_of(7).await, waits_of(7).await);
    assert!(first.abs_diff(second) <= 1, "{first} {second}");
}

#[tokio::test(start_paused = true)]
async fn back_off_with_another_seed_is_another() {
    run_clock_in_small_steps();
    let (first, second) = (waits_of(7).await, waits_of(8).await);
    assert!(first.abs_diff(second) > 1, "{first} {second}");
}

#[tokio::test(start_paused = true)]
async fn a_failing_server_is_not_hammered_by_many_calls() {
    run_clock_in_small_steps();
    let mut server = Server::start(status(500, &[])).await;
    let client = support::ratepay(&server.base_url(), PATIENCE).with_retry(RetryPolicy::default());
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let client = client.clone();
        calls.spawn(async move {
            let id = support::SUBSCRIPTION_ID.parse().unwrap();
            client
                .update_subscription(&id, &support::subscription())
                .await
                .is_err()
        });
    }
    calls.join_all().await;
    // One each; one in five again; and the 10 a second that are always allowed, for some seconds.
    let requests = server.requests();
    assert!(requests < 1_500, "{requests}");
}

#[tokio::test(start_paused = true)]
async fn dropping_a_call_stops_it() {
    run_clock_in_small_steps();
    let mut server = Server::start(status(429, &[("retry-after", "5")])).await;
    let base_url = server.base_url();
    let call = Operation::Subscription.call_under(RetryPolicy::default(), &base_url);
    tokio::time::timeout(Duration::from_secs(1), call)
        .await
        .unwrap_err();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(server.requests(), 1);
}
