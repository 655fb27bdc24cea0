//! A client with OAuth obtains its tokens itself. The modules share token endpoints and their odd responses.

mod client_credentials;
mod refresh_token;
mod store;

use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use webhook_subscriptions::pandadoc::oauth::{RefreshToken, RefreshTokenStore};
use webhook_subscriptions::{pandadoc, BoxFuture, Error, RetryPolicy, Secret};

use crate::support::{self, head, response, Operation, Script, Server, UUID};

fn token(body: &str) -> Vec<u8> {
    response(200, &[], body)
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
