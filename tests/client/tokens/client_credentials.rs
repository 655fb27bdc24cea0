//! Ratepay's access token is requested once, used while it is valid, renewed in time, and replaced when rejected.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use webhook_subscriptions::ratepay::{self, Environment};
use webhook_subscriptions::{Error, ErrorKind, Outcome, RetryPolicy};

use super::{odd_successes, token};
use crate::support::SUBSCRIPTION_ID;
use crate::support::{self, response, run_clock_in_small_steps, Operation, Script, Server};

/// A token endpoint whose tokens are numbered from 1, and good for half an hour.
async fn token_server() -> Server {
    let number = AtomicUsize::new(1);
    Server::start(Script::reply(move |_| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        token(&format!(
            r#"{{"access_token":"token-{number}","expires_in":1800,"token_type":"Bearer"}}"#
        ))
    }))
    .await
}

/// An API that takes the tokens from this number on, and answers others as `refusal` says.
async fn api_from(first_good: &Arc<AtomicUsize>, refusal: Vec<u8>) -> Server {
    let first_good = first_good.clone();
    Server::start(Script::reply(move |request| {
        let (_, number) = request.split_once("authorization: Bearer token-").unwrap();
        let number: usize = number.split("\r\n").next().unwrap().parse().unwrap();
        if number >= first_good.load(Ordering::SeqCst) {
            response(200, &[], Operation::Subscription.success())
        } else {
            refusal.clone()
        }
    }))
    .await
}

async fn api() -> Server {
    api_from(&Arc::new(AtomicUsize::new(1)), Vec::new()).await
}

fn client(api: &Server, tokens: &Server) -> ratepay::Client {
    let oauth = ratepay::oauth::Client::builder()
        .base_url(tokens.base_url())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let environment = Environment::Integration;
    ratepay::Client::builder()
        .base_url(api.base_url())
        .credential_source(oauth.client_credentials(environment, "id", "s3cret"))
        .build()
        .unwrap()
}

async fn update(client: &ratepay::Client) -> Result<(), Error> {
    let id = SUBSCRIPTION_ID.parse().unwrap();
    client
        .update_subscription(&id, &support::subscription())
        .await
        .map(drop)
}

/// How many of so many calls at the same time succeed.
async fn updates(client: &ratepay::Client, calls: usize) -> usize {
    let mut running = JoinSet::new();
    for _ in 0..calls {
        let client = client.clone();
        running.spawn(async move { update(&client).await.is_ok() });
    }
    running
        .join_all()
        .await
        .into_iter()
        .filter(|ok| *ok)
        .count()
}

#[tokio::test]
async fn client_credentials_go_to_the_token_endpoint_as_json() {
    let (api, mut tokens) = (api().await, token_server().await);
    update(&client(&api, &tokens)).await.unwrap();
    let request = tokens.request().await;
    let expected = concat!(
        "POST /oauth/token HTTP/1.1\r\n",
        "accept: application/json\r\n",
        "content-type: application/json\r\n",
        "user-agent: webhook-subscriptions/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "host: HOST\r\n",
        "content-length: 145\r\n",
        "\r\n",
        r#"{"audience":"https://api-integration.ratepay.com/webhook/management","#,
        r#""client_id":"id","client_secret":"s3cret","grant_type":"client_credentials"}"#,
    );
    assert_eq!(request, expected);
}

#[tokio::test]
async fn a_thousand_first_calls_ask_for_one_token() {
    let (api, mut tokens) = (api().await, token_server().await);
    let succeeded = updates(&client(&api, &tokens), 1_000).await;
    assert_eq!((succeeded, tokens.requests()), (1_000, 1));
}

#[tokio::test]
async fn a_token_that_expires_amid_a_thousand_calls_is_replaced_by_one_more() {
    let seen = AtomicUsize::new(0);
    let api = Server::start(Script::reply(move |request| {
        let expired = seen.fetch_add(1, Ordering::SeqCst) >= 500;
        if expired && request.contains("Bearer token-1\r\n") {
            response(401, &[], "")
        } else {
            response(200, &[], Operation::Subscription.success())
        }
    }))
    .await;
    let mut tokens = token_server().await;
    let succeeded = updates(&client(&api, &tokens), 1_000).await;
    assert_eq!((succeeded, tokens.requests()), (1_000, 2));
}

#[tokio::test]
async fn a_refused_token_is_not_handed_out_again() {
    let mut api = Server::answering(response(401, &[], "")).await;
    let tokens = Server::scripted(|number| match number {
        0 => Script::answer(token(r#"{"access_token":"token-1","expires_in":1800}"#)),
        _ => Script::answer(response(403, &[], "")),
    })
    .await;
    updates(&client(&api, &tokens), 500).await;
    // Those that were under way together, and no more.
    let refused = api.requests();
    assert!(refused <= 16, "{refused}");
}

#[tokio::test]
async fn a_second_refusal_in_a_call_is_its_end() {
    let mut api = Server::scripted(|number| match number {
        1 => Script::answer(response(429, &[("retry-after", "0")], "")),
        _ => Script::answer(response(401, &[], "")),
    })
    .await;
    let mut tokens = token_server().await;
    update(&client(&api, &tokens)).await.unwrap_err();
    assert_eq!((api.requests(), tokens.requests()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_while_a_call_is_rate_limited_is_replaced() {
    run_clock_in_small_steps();
    let tokens = token_server().await;
    let mut api = Server::scripted(|number| match number {
        0 => Script::answer(response(429, &[("retry-after", "1900")], "")),
        _ => Script::answer(response(200, &[], Operation::Subscription.success())),
    })
    .await;
    let client = client(&api, &tokens);
    update(&client).await.unwrap_err();
    api.request().await;
    // This call has a valid token, and 1900 seconds to wait.
    let patient = client.with_retry(RetryPolicy::default().deadline(Duration::from_secs(3_600)));
    update(&patient).await.unwrap();
    let request = api.request().await;
    assert!(
        request.contains("authorization: Bearer token-2\r\n"),
        "{request}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_hangs_does_not_hold_up_a_call_with_a_good_token() {
    run_clock_in_small_steps();
    let api = api().await;
    let tokens = Server::scripted(|number| match number {
        0 => Script::answer(token(r#"{"access_token":"token-1","expires_in":1800}"#)),
        _ => Script::stall(),
    })
    .await;
    let client = client(&api, &tokens);
    update(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1_750)).await;
    let start = tokio::time::Instant::now();
    update(&client).await.unwrap();
    assert!(
        start.elapsed() <= Duration::from_secs(6),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn ratepays_400_about_the_jwt_is_a_refusal_of_the_token() {
    let body = r#"{"name":"ValidationError","message":"Error while validating the JWT token."}"#;
    let first_good = Arc::new(AtomicUsize::new(2));
    let api = api_from(&first_good, response(400, &[], body)).await;
    let tokens = token_server().await;
    assert!(update(&client(&api, &tokens)).await.is_ok());
}

#[tokio::test]
async fn another_400_is_no_refusal_of_the_token() {
    let body = r#"{"name":"ValidationError","message":"url is required"}"#;
    let first_good = Arc::new(AtomicUsize::new(2));
    let api = api_from(&first_good, response(400, &[], body)).await;
    let mut tokens = token_server().await;
    update(&client(&api, &tokens)).await.unwrap_err();
    assert_eq!(tokens.requests(), 1);
}

#[tokio::test]
async fn a_call_replaces_a_refused_token_once() {
    let first_good = Arc::new(AtomicUsize::new(usize::MAX));
    let mut api = api_from(&first_good, response(401, &[], "")).await;
    let mut tokens = token_server().await;
    update(&client(&api, &tokens)).await.unwrap_err();
    assert_eq!((api.requests(), tokens.requests()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_used_while_it_is_good() {
    run_clock_in_small_steps();
    let (api, mut tokens) = (api().await, token_server().await);
    let client = client(&api, &tokens);
    for _ in 0..5 {
        update(&client).await.unwrap();
        tokio::time::sleep(Duration::from_secs(300)).await;
    }
    assert_eq!(tokens.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_expires() {
    run_clock_in_small_steps();
    let (api, mut tokens) = (api().await, token_server().await);
    let client = client(&api, &tokens);
    update(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1_750)).await;
    update(&client).await.unwrap();
    assert_eq!(tokens.requests(), 2);
}

/// A token endpoint that gives one token and then fails.
async fn failing_token_server() -> Server {
    Server::scripted(|number| match number {
        0 => Script::answer(token(r#"{"access_token":"token-1","expires_in":1800}"#)),
        _ => Script::answer(response(500, &[], "")),
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_early_goes_on_being_used() {
    run_clock_in_small_steps();
    let (api, tokens) = (api().await, failing_token_server().await);
    let client = client(&api, &tokens);
    update(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1_750)).await;
    assert!(update(&client).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_early_is_not_tried_at_every_call() {
    run_clock_in_small_steps();
    let (api, mut tokens) = (api().await, failing_token_server().await);
    let client = client(&api, &tokens);
    update(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1_750)).await;
    updates(&client, 100).await;
    assert_eq!(tokens.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_wait_longer_than_a_token_lives_is_followed_by_a_new_token() {
    run_clock_in_small_steps();
    let tokens = token_server().await;
    let mut api = Server::scripted(|number| match number {
        0 => Script::answer(response(429, &[("retry-after", "1900")], "")),
        _ => Script::answer(response(200, &[], Operation::Subscription.success())),
    })
    .await;
    let policy = RetryPolicy::default().deadline(Duration::from_secs(3_600));
    update(&client(&api, &tokens).with_retry(policy))
        .await
        .unwrap();
    api.request().await;
    let second = api.request().await;
    assert!(
        second.contains("authorization: Bearer token-2\r\n"),
        "{second}"
    );
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let mut api = api().await;
    let tokens = Server::answering(response(401, &[], r#"{"error":"access_denied"}"#)).await;
    update(&client(&api, &tokens)).await.unwrap_err();
    assert_eq!(api.requests(), 0);
}

#[tokio::test]
async fn without_a_token_the_error_says_so() {
    let tokens = Server::answering(response(401, &[], r#"{"error":"access_denied"}"#)).await;
    let error = update(&client(&api().await, &tokens)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::NoCredential, Outcome::NotSent)
    );
}

#[tokio::test]
async fn without_a_token_the_error_of_the_token_endpoint_is_the_cause() {
    let tokens = Server::answering(response(401, &[], r#"{"error":"access_denied"}"#)).await;
    let error = update(&client(&api().await, &tokens)).await.unwrap_err();
    let cause = std::error::Error::source(&error).and_then(std::error::Error::source);
    let cause: &Error = cause.and_then(|cause| cause.downcast_ref()).unwrap();
    assert_eq!(cause.problem().name(), Some("access_denied"));
}

#[tokio::test]
async fn a_thousand_calls_share_the_failure_of_one_renewal() {
    let api = api().await;
    let mut tokens = Server::answering(response(401, &[], "")).await;
    let succeeded = updates(&client(&api, &tokens), 1_000).await;
    assert_eq!((succeeded, tokens.requests()), (0, 1));
}

#[tokio::test]
async fn a_token_is_used_whatever_else_is_wrong_with_its_response() {
    let mut unused = Vec::new();
    for (what, answer) in odd_successes() {
        let (mut api, tokens) = (any_api().await, Server::answering(answer).await);
        update(&client(&api, &tokens)).await.ok();
        if api.requests() != 1 {
            unused.push(what);
        }
    }
    assert_eq!(unused, [""; 0]);
}

/// An API that takes every token.
async fn any_api() -> Server {
    Server::answering(response(200, &[], Operation::Subscription.success())).await
}

#[tokio::test(start_paused = true)]
async fn a_life_in_a_string_is_as_long_as_in_a_number() {
    run_clock_in_small_steps();
    let answer = token(r#"{"access_token":"a-token","expires_in":"20"}"#);
    let (api, mut tokens) = (any_api().await, Server::answering(answer).await);
    let client = client(&api, &tokens);
    let mut asked = Vec::new();
    for wait in [15, 4] {
        update(&client).await.unwrap();
        asked.push(tokens.requests());
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
    update(&client).await.unwrap();
    asked.push(tokens.requests());
    assert_eq!(asked, [1, 0, 1]);
}
