//! A new refresh token is stored before it is needed, whatever happens to the response, the call or the store.

use std::future::{pending, poll_fn, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use webhook_subscriptions::pandadoc::oauth::RefreshTokenStore;
use webhook_subscriptions::{BoxFuture, Secret};

use super::{odd_successes, pandadoc, pandadoc_api, regenerate, rotating_token_server};
use super::{strict_token_server, token, Store};
use crate::support::{self, head, response, run_clock_in_small_steps, Server};

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

/// The behaviour of a store the first time. From then on it keeps the tokens that it is given.
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
