//! A token is asked for once, used while it is good, renewed in time, and replaced when refused.

use std::future::{pending, poll_fn, ready, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use crate::support::{self, head, response, run_clock_in_small_steps, Operation, Script, Server};
use crate::support::{SUBSCRIPTION_ID, UUID};
use tokio::task::JoinSet;
use webhook_subscriptions::pandadoc::oauth::{RefreshToken, RefreshTokenStore};
use webhook_subscriptions::ratepay::Environment;
use webhook_subscriptions::{pandadoc, ratepay};
use webhook_subscriptions::{BoxFuture, Error, ErrorKind, Outcome, RetryPolicy, Secret};

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

fn token(body: &str) -> Vec<u8> {
    response(200, &[], body)
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

// Ratepay's client credentials.

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
async fn a_token_that_expires_while_a_call_is_held_back_is_replaced() {
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
    // This call has a token that is good, and 1900 seconds to wait.
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

/// Successes that aren't as documented, except for the tokens: each has `a-token` and `refresh-2`.
fn odd_successes() -> Vec<(&'static str, Vec<u8>)> {
    let tokens = r#""access_token":"a-token","refresh_token":"refresh-2""#;
    let ok = |body: String| response(200, &[], body);
    let cut = |body: String| [head(200, &[], body.len() + 9), body.into_bytes()].concat();
    vec![
        (
            "`expires_in` is text",
            ok(format!(r#"{{"expires_in":"1800",{tokens}}}"#)),
        ),
        (
            "`expires_in` is a list",
            ok(format!(r#"{{"expires_in":[1800],{tokens}}}"#)),
        ),
        (
            "`expires_in` is beyond all numbers",
            ok(format!(r#"{{"expires_in":1e999,{tokens}}}"#)),
        ),
        (
            "`scope` is a list",
            ok(format!(r#"{{"scope":["read","write"],{tokens}}}"#)),
        ),
        (
            "`scope` is as deep as a stack",
            ok(format!(
                r#"{{"scope":{}{},{tokens}}}"#,
                "[".repeat(9_000),
                "]".repeat(9_000)
            )),
        ),
        (
            "`scope` has half a character",
            ok(format!(r#"{{"scope":"\ud800",{tokens}}}"#)),
        ),
        (
            "`token_type` is there twice",
            ok(format!(
                r#"{{"token_type":"Bearer","token_type":"Bearer",{tokens}}}"#
            )),
        ),
        (
            "both tokens are there twice",
            ok(format!(
                r#"{{"access_token":"old","refresh_token":"refresh-0",{tokens}}}"#
            )),
        ),
        (
            "a byte order mark comes first",
            ok(format!("\u{feff}{{{tokens}}}")),
        ),
        (
            "something follows",
            ok(format!("{{{tokens}}}\n<!-- 7 ms -->")),
        ),
        (
            "it is undocumented",
            response(201, &[], format!("{{{tokens}}}")),
        ),
        ("it is cut short", cut(format!(r#"{{{tokens},"scope":"re"#))),
        (
            "it is cut short between two members",
            cut(format!("{{{tokens}")),
        ),
        (
            "it is longer than the limit",
            ok(format!(r#"{{{tokens},"scope":"{}"}}"#, "x".repeat(2 << 20))),
        ),
    ]
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

// PandaDoc's refresh tokens.

/// Remembers what it is given; fails as often as it is told to.
#[derive(Clone, Default)]
struct Store {
    kept: Arc<Mutex<Vec<String>>>,
    failures: Arc<AtomicUsize>,
}

impl RefreshTokenStore for Store {
    fn store<'a>(
        &'a self,
        refresh_token: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        let left = self.failures.load(Ordering::SeqCst);
        if left > 0 {
            self.failures.store(left - 1, Ordering::SeqCst);
            return Box::pin(ready(Err("the disk is full".into())));
        }
        self.kept
            .lock()
            .unwrap()
            .push(refresh_token.expose_secret().to_owned());
        Box::pin(ready(Ok(())))
    }
}

/// A token endpoint that answers each refresh with another refresh token.
async fn rotating_token_server() -> Server {
    let body =
        r#"{"access_token":"an-access-token","refresh_token":"refresh-2","expires_in":31535999}"#;
    Server::answering(token(body)).await
}

fn pandadoc(api: &Server, tokens: &Server, store: impl RefreshTokenStore) -> pandadoc::Client {
    let oauth = pandadoc::oauth::Client::builder()
        .base_url(tokens.base_url())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let source = RefreshToken::new(oauth, support::grant("app-s3cret", "refresh-1"), store);
    pandadoc::Client::builder()
        .base_url(api.base_url())
        .credential_source(source)
        .build()
        .unwrap()
}

async fn pandadoc_api() -> Server {
    Server::answering(response(200, &[], Operation::SharedKey.success())).await
}

async fn regenerate(client: &pandadoc::Client) -> Result<(), Error> {
    let id = UUID.parse().unwrap();
    client
        .update_webhook_subscription_shared_key(&id)
        .await
        .map(drop)
}

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
async fn a_renewed_refresh_token_is_stored() {
    let (api, tokens) = (pandadoc_api().await, rotating_token_server().await);
    let store = Store::default();
    regenerate(&pandadoc(&api, &tokens, store.clone()))
        .await
        .unwrap();
    assert_eq!(*store.kept.lock().unwrap(), ["refresh-2"]);
}

#[tokio::test]
async fn nothing_is_sent_with_a_token_whose_refresh_token_is_not_stored() {
    let (mut api, tokens) = (pandadoc_api().await, rotating_token_server().await);
    let store = Store::default();
    store.failures.store(1, Ordering::SeqCst);
    regenerate(&pandadoc(&api, &tokens, store))
        .await
        .unwrap_err();
    assert_eq!(api.requests(), 0);
}

#[tokio::test]
async fn a_refresh_token_that_could_not_be_stored_is_stored_at_the_next_call() {
    let (api, mut tokens) = (pandadoc_api().await, rotating_token_server().await);
    let store = Store::default();
    store.failures.store(1, Ordering::SeqCst);
    let client = pandadoc(&api, &tokens, store.clone());
    regenerate(&client).await.unwrap_err();
    regenerate(&client).await.unwrap();
    let kept = store.kept.lock().unwrap().clone();
    assert_eq!((kept, tokens.requests()), (vec!["refresh-2".to_owned()], 1));
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
async fn a_renewed_refresh_token_is_stored_though_the_access_token_be_useless() {
    let body = r#"{"access_token":"two words","refresh_token":"refresh-2"}"#;
    let (api, tokens) = (pandadoc_api().await, Server::answering(token(body)).await);
    let store = Store::default();
    regenerate(&pandadoc(&api, &tokens, store.clone()))
        .await
        .unwrap_err();
    assert_eq!(*store.kept.lock().unwrap(), ["refresh-2"]);
}

#[tokio::test]
async fn an_exchange_is_finished_though_its_call_is_dropped() {
    let (api, mut tokens) = (pandadoc_api().await, rotating_token_server().await);
    let store = Store::default();
    let client = pandadoc(&api, &tokens, store.clone());
    tokio::select! {
        biased;
        _ = tokens.request() => {}
        _ = regenerate(&client) => panic!("the exchange ended before it was seen"),
    }
    let stored = async {
        while store.kept.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(support::PATIENCE, stored)
        .await
        .is_ok());
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

/// The tokens that are stored when PandaDoc answers a refresh with this, whether the call fails or not.
async fn stored_after(answer: Vec<u8>) -> Vec<String> {
    let (api, tokens) = (pandadoc_api().await, Server::answering(answer).await);
    let store = Store::default();
    regenerate(&pandadoc(&api, &tokens, store.clone()))
        .await
        .ok();
    let kept = store.kept.lock().unwrap();
    kept.clone()
}

#[tokio::test]
async fn a_new_refresh_token_is_stored_whatever_else_is_wrong_with_its_response() {
    let mut lost = Vec::new();
    for (what, answer) in odd_successes() {
        if stored_after(answer).await != ["refresh-2"] {
            lost.push(what);
        }
    }
    assert_eq!(lost, [""; 0]);
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
async fn a_new_refresh_token_is_stored_without_an_access_token_too() {
    for access_token in ["", r#""access_token":null,"#, r#""access_token":7,"#] {
        let body = format!(r#"{{{access_token}"refresh_token":"refresh-2"}}"#);
        assert_eq!(
            stored_after(token(&body)).await,
            ["refresh-2"],
            "{access_token}"
        );
    }
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
async fn what_is_not_a_whole_refresh_token_of_the_response_is_not_stored() {
    let cut = |body: &str| [head(200, &[], 99), body.into()].concat();
    for answer in [
        cut(r#"{"access_token":"a-token","refresh_token":"refre"#),
        cut(r#"{"access_token":"a-token","refresh_token":"refresh\"#),
        token(r#"{"access_token":"a-token","refresh_token":""}"#),
        token(r#"{"access_token":"a-token","refresh_token":7}"#),
        token(r#"{"access_token":"a-token","request":{"refresh_token":"refresh-0"}}"#),
        token(r#"{"access_token":"a-token","error":"\"refresh_token\":\"refresh-0\""}"#),
        response(400, &[], r#"{"refresh_token":"refresh-0"}"#),
    ] {
        let text = String::from_utf8(answer.clone()).unwrap();
        assert_eq!(stored_after(answer).await, [""; 0], "{text}");
    }
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

/// What a store does the first time; from then on it keeps what it is given.
#[derive(Clone, Copy)]
enum AtFirst {
    Hangs,
    Panics,
    PanicsBeforeItsFuture,
    PanicsWhenDropped,
}

impl AtFirst {
    const ALL: [Self; 4] = [
        Self::Hangs,
        Self::Panics,
        Self::PanicsBeforeItsFuture,
        Self::PanicsWhenDropped,
    ];
}

struct PanicsWhenDropped<'a>(&'a str);

impl Drop for PanicsWhenDropped<'_> {
    fn drop(&mut self) {
        panic!("cannot keep {}", self.0);
    }
}

struct Clumsy {
    at_first: AtFirst,
    asked: AtomicUsize,
    store: Store,
}

impl RefreshTokenStore for Clumsy {
    fn store<'a>(
        &'a self,
        refresh_token: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        let token = refresh_token.expose_secret();
        match self.at_first {
            _ if self.asked.fetch_add(1, Ordering::SeqCst) > 0 => self.store.store(refresh_token),
            AtFirst::Hangs => Box::pin(pending()),
            AtFirst::Panics => Box::pin(async move { panic!("cannot keep {token}") }),
            AtFirst::PanicsBeforeItsFuture => panic!("cannot keep {token}"),
            AtFirst::PanicsWhenDropped => Box::pin(async move {
                let _bomb = PanicsWhenDropped(token);
                pending().await
            }),
        }
    }
}

/// A client whose store is clumsy, and what the store keeps.
fn clumsy(at_first: AtFirst, api: &Server, tokens: &Server) -> (pandadoc::Client, Store) {
    let store = Store::default();
    let clumsy = Clumsy {
        at_first,
        asked: AtomicUsize::default(),
        store: store.clone(),
    };
    (pandadoc(api, tokens, clumsy), store)
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_given_ten_seconds() {
    run_clock_in_small_steps();
    let (api, tokens) = (pandadoc_api().await, rotating_token_server().await);
    let (client, _) = clumsy(AtFirst::Hangs, &api, &tokens);
    let start = tokio::time::Instant::now();
    regenerate(&client).await.unwrap_err();
    let taken = start.elapsed();
    let limit = Duration::from_secs(10)..Duration::from_secs(11);
    assert!(limit.contains(&taken), "{taken:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_store_hangs_or_panics_the_next_call_stores_the_token() {
    run_clock_in_small_steps();
    for at_first in AtFirst::ALL {
        let (api, mut tokens) = (pandadoc_api().await, rotating_token_server().await);
        let (client, store) = clumsy(at_first, &api, &tokens);
        regenerate(&client).await.unwrap_err();
        regenerate(&client).await.unwrap();
        let kept = store.kept.lock().unwrap().clone();
        assert_eq!((kept, tokens.requests()), (vec!["refresh-2".to_owned()], 1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_store_says_when_it_panics_is_in_no_error() {
    run_clock_in_small_steps();
    for at_first in AtFirst::ALL {
        let (api, tokens) = (pandadoc_api().await, rotating_token_server().await);
        let (client, _) = clumsy(at_first, &api, &tokens);
        let error = regenerate(&client).await.unwrap_err();
        let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
            error.source()
        });
        let text: String = chain.map(|error| format!("{error} {error:?}\n")).collect();
        assert!(!text.contains("refresh-2"), "{text}");
    }
}

/// A store that always hangs.
struct Stuck;

impl RefreshTokenStore for Stuck {
    fn store<'a>(
        &'a self,
        _: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(pending())
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_dropped_while_a_store_hangs_leave_one_task() {
    run_clock_in_small_steps();
    let (api, tokens) = (pandadoc_api().await, rotating_token_server().await);
    let before = tokio::runtime::Handle::current().metrics();
    let before = before.num_alive_tasks();
    let client = pandadoc(&api, &tokens, Stuck);
    for _ in 0..200 {
        let call = regenerate(&client);
        tokio::time::timeout(Duration::from_millis(70), call)
            .await
            .unwrap_err();
    }
    let after = tokio::runtime::Handle::current().metrics();
    assert_eq!(after.num_alive_tasks(), before + 1);
}

/// A token endpoint whose refresh tokens work once, as the first was `refresh-1`.
async fn strict_token_server() -> Server {
    let number = AtomicUsize::new(1);
    Server::start(Script::reply(move |request| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        if !request.ends_with(&format!("&refresh_token=refresh-{number}")) {
            return response(400, &[], r#"{"error":"invalid_grant"}"#);
        }
        let next = number + 1;
        token(&format!(
            r#"{{"access_token":"a-token","refresh_token":"refresh-{next}","expires_in":9}}"#
        ))
    }))
    .await
}

#[tokio::test]
async fn a_call_that_is_dropped_anywhere_loses_no_refresh_token() {
    for polls in 0.. {
        let (api, mut tokens) = (pandadoc_api().await, strict_token_server().await);
        let store = Store::default();
        let client = pandadoc(&api, &tokens, store.clone());
        let ended = ends_within(polls, regenerate(&client)).await;
        regenerate(&client).await.unwrap();
        let kept = store.kept.lock().unwrap().clone();
        assert_eq!(
            (kept, tokens.requests()),
            (vec!["refresh-2".to_owned()], 1),
            "dropped after {polls} polls"
        );
        if ended {
            break;
        }
    }
}

/// Drops a future that hasn't ended after so many polls.
async fn ends_within(polls: usize, future: impl Future) -> bool {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        let Some(fewer) = left.checked_sub(1) else {
            return Poll::Ready(false);
        };
        left = fewer;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
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

#[tokio::test(start_paused = true)]
async fn a_token_that_an_early_renewal_could_not_store_is_stored_before_the_next_refresh() {
    run_clock_in_small_steps();
    let (api, mut tokens) = (pandadoc_api().await, strict_token_server().await);
    let store = Store::default();
    let client = pandadoc(&api, &tokens, store.clone());
    regenerate(&client).await.unwrap();
    store.failures.store(1, Ordering::SeqCst);
    // Early; then so late that there must be another.
    for wait in [8_500, 11_000] {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        regenerate(&client).await.unwrap();
    }
    let kept = store.kept.lock().unwrap().clone();
    assert_eq!(
        (kept.join(" "), tokens.requests()),
        ("refresh-2 refresh-3 refresh-4".to_owned(), 3)
    );
}
