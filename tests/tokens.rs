//! A token is asked for once, used while it is good, renewed in time, and replaced when refused.

mod support;

use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::{response, run_clock_in_small_steps, Operation, Script, Server};
use support::{SUBSCRIPTION_ID, UUID};
use tokio::task::JoinSet;
use webhook_subscriptions::pandadoc::oauth::{RefreshToken, RefreshTokenStore};
use webhook_subscriptions::ratepay::oauth::ClientCredentials;
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
        .credential_source(ClientCredentials::with_client(
            oauth,
            environment,
            "id",
            "s3cret",
        ))
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

fn pandadoc(api: &Server, tokens: &Server, store: Store) -> pandadoc::Client {
    let oauth = pandadoc::oauth::Client::builder()
        .base_url(tokens.base_url())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let source = RefreshToken::new(oauth, "app", "app-s3cret", "refresh-1", store);
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
    let source = RefreshToken::new(oauth, "app", "app-s3cret", "refresh-1", Store::default());
    let client = pandadoc::Client::builder()
        .base_url(api.base_url())
        .credential_source(source)
        .build()
        .unwrap();
    regenerate(&client).await.unwrap_err();
    assert_eq!(tokens.requests(), 1);
}
