//! A body of 10 MB takes no more memory than the limit of 1 MiB allows. A secret is erased before its memory
//! is freed.
//!
//! A block of memory may still hold a secret when it is freed. Such a block belongs to the crate that its
//! backtrace names first, from the inside out. hyper and reqwest keep buffers of their own, which they don't
//! erase and which this crate can't reach. Any other block counts as this crate's. This includes blocks that
//! a library such as serde_json frees for it, and those of values that the test drops.

#[path = "../support/mod.rs"]
mod support;

use std::future::Future;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use recording_allocator::{record, Record, RecordingAllocator};
use support::{head, pandadoc, ratepay, response, Operation, API_KEY, JWT, PATIENCE};
use support::{SHARED_KEY, SIGNING_SECRET};
use webhook_subscriptions::pandadoc::oauth::{RefreshToken, RefreshTokenStore};
use webhook_subscriptions::ratepay::Environment;
use webhook_subscriptions::rotate::{Sealed, SealingKey, Store, StoredRecord};
use webhook_subscriptions::testing::MemoryStore;
use webhook_subscriptions::{pandadoc, ratepay, BoxFuture, CredentialSource, Outcome, Secret};

#[global_allocator]
static ALLOCATOR: RecordingAllocator = RecordingAllocator;

const MIB: usize = 1024 * 1024;

const CLIENT_SECRET: &str = "canary-client-secret-a94f";
const REFRESH_TOKEN: &str = "canary-refresh-token-07c1";
const NEXT_REFRESH_TOKEN: &str = "canary-refresh-token-e53b";
const ACCESS_TOKEN: &str = "canary-access-token-6d20";
const SEALING_KEY: &str = "canary-sealing-key-of-32-bytes-5";
const SECRETS: &[&str] = &[
    API_KEY,
    JWT,
    SHARED_KEY,
    SIGNING_SECRET,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    NEXT_REFRESH_TOKEN,
    ACCESS_TOKEN,
    SEALING_KEY,
];

/// The crates whose blocks are told apart.
const CRATES: [&str; 3] = ["webhook_subscriptions", "hyper", "reqwest"];

/// A server on a thread of its own, which answers each connection with the next of these.
fn serve(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !support::is_complete(&request) {
                let mut bytes = [0; 4096];
                let count = stream.read(&mut bytes).unwrap();
                assert!(count > 0, "a request that was cut");
                request.extend_from_slice(&bytes[..count]);
            }
            // The client closes the connection when it has enough.
            stream.write_all(&answer).ok();
        }
    });
    base_url
}

/// Runs a future, and everything it spawns, on this thread, and drops all of it at the end.
fn run<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

/// The backtraces of this crate's blocks that held a secret when they were freed, while this ran.
fn exposed<F: Future<Output = ()>>(future: impl FnOnce() -> F) -> Vec<String> {
    let ((), record) = record(SECRETS, || run(future()));
    record
        .exposed
        .into_iter()
        .filter(|trace| belongs_to(trace) != Some("hyper") && belongs_to(trace) != Some("reqwest"))
        .collect()
}

/// The crate that a backtrace names first.
fn belongs_to(trace: &str) -> Option<&'static str> {
    // Beneath a function stands the path of its file.
    let functions = trace
        .lines()
        .filter(|line| !line.trim_start().starts_with("at "));
    functions.into_iter().find_map(|function| {
        let named = CRATES
            .iter()
            .filter_map(|name| Some((function.find(name)?, *name)));
        named.min().map(|(_, name)| name)
    })
}

/// A response whose body comes in these pieces.
fn chunked(pieces: &[String]) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for piece in pieces {
        answer.extend(format!("{:x}\r\n{piece}\r\n", piece.len()).into_bytes());
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    answer
}

fn assert_none(exposed: &[String]) {
    assert!(
        exposed.is_empty(),
        "{} blocks:\n{}",
        exposed.len(),
        exposed.join("\n\n")
    );
}

#[test]
fn a_large_body_does_not_take_memory_as_large() {
    let mut answer = head(502, &[], 10 * MIB);
    answer.resize(answer.len() + 10 * MIB, b'x');
    let base_url = serve(vec![answer]);
    let call = || run(Operation::SharedKey.call_within(&base_url, PATIENCE));
    let (result, Record { allocated, .. }) = record(&[], call);
    result.unwrap_err();
    // The kept buffer, those that it grew from, and those that it came through.
    assert!(allocated < 5 * MIB, "{allocated} bytes");
}

#[test]
fn a_block_that_is_freed_with_a_secret_in_it_is_seen() {
    let exposed = exposed(|| async { drop(SHARED_KEY.to_owned()) });
    assert_eq!(exposed.len(), 1);
}

#[test]
fn a_key_that_comes_in_five_pieces_is_erased() {
    // Each as long as all before it, so that a buffer that grows does so at every piece.
    let mut pieces = vec![Operation::SharedKey.success()];
    for _ in 1..5 {
        pieces.push(" ".repeat(pieces.iter().map(String::len).sum()));
    }
    let base_url = serve(vec![chunked(&pieces)]);
    assert_none(&exposed(|| async {
        Operation::SharedKey.call(&base_url).await.unwrap();
    }));
}

#[test]
fn a_key_in_a_success_that_cannot_be_used_is_erased() {
    let mut answer = head(200, &[], 100);
    answer.extend(Operation::SharedKey.success().into_bytes());
    let base_url = serve(vec![answer]);
    assert_none(&exposed(|| async {
        let error = Operation::SharedKey.call(&base_url).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Applied);
    }));
}

#[test]
fn a_key_in_the_memory_that_headers_came_in_is_erased() {
    let base_url = serve(vec![response(200, &[], Operation::SharedKey.success())]);
    assert_none(&exposed(|| async {
        let client = pandadoc(&base_url, PATIENCE);
        let id = support::UUID.parse().unwrap();
        let answer = client
            .update_webhook_subscription_shared_key(&id)
            .await
            .unwrap();
        let headers = answer.headers().clone();
        drop(answer);
        // All that the client has of the connection is gone before they are.
        drop(client);
        tokio::task::yield_now().await;
        drop(headers);
    }));
}

#[test]
fn a_signing_secret_that_is_sent_and_comes_back_is_erased() {
    let base_url = serve(vec![response(200, &[], Operation::Subscription.success())]);
    assert_none(&exposed(|| async {
        Operation::Subscription.call(&base_url).await.unwrap();
    }));
}

#[test]
fn client_credentials_and_their_token_are_erased() {
    let token = format!(r#"{{"access_token":"{ACCESS_TOKEN}","expires_in":1800}}"#);
    let subscription = Operation::Subscription.success();
    let base_url = serve(vec![
        response(200, &[], token),
        response(200, &[], subscription),
    ]);
    assert_none(&exposed(|| async {
        let tokens = ratepay::oauth::Client::builder().base_url(&base_url);
        let tokens = tokens.build().unwrap();
        let source =
            tokens.client_credentials(Environment::Integration, "my-client-id", CLIENT_SECRET);
        let client = ratepay::Client::builder()
            .base_url(&base_url)
            .credential_source(source)
            .build()
            .unwrap();
        let id = support::SUBSCRIPTION_ID.parse().unwrap();
        client
            .update_subscription(&id, &support::subscription())
            .await
            .unwrap();
    }));
}

struct Forgetful;

impl RefreshTokenStore for Forgetful {
    fn store<'a>(
        &'a self,
        _: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async { Ok(()) })
    }
}

#[test]
fn refresh_tokens_and_what_they_are_exchanged_for_are_erased() {
    let token = format!(
        r#"{{"access_token":"{ACCESS_TOKEN}","expires_in":1800,"refresh_token":"{NEXT_REFRESH_TOKEN}"}}"#
    );
    let base_url = serve(vec![response(200, &[], token)]);
    // A form takes three bytes for each of these, which is as many as it takes for any.
    let refresh_token = format!("{REFRESH_TOKEN}{}", "/".repeat(1000));
    assert_none(&exposed(|| async {
        let client = pandadoc::oauth::Client::builder().base_url(&base_url);
        let source = RefreshToken::new(
            client.build().unwrap(),
            support::grant(CLIENT_SECRET, refresh_token.as_str()),
            Forgetful,
        );
        source.credential().await.unwrap();
    }));
}

#[test]
fn a_fixed_credential_is_erased() {
    assert_none(&exposed(|| async {
        drop(pandadoc("http://127.0.0.1:9", PATIENCE));
        drop(ratepay("http://127.0.0.1:9", PATIENCE));
    }));
}

#[test]
fn a_sealing_key_and_the_records_that_it_seals_are_erased() {
    assert_none(&exposed(|| async {
        let key: [u8; 32] = SEALING_KEY.as_bytes().try_into().unwrap();
        let store = Sealed::new(MemoryStore::new(), SealingKey::from(key));
        let record = StoredRecord {
            version: 1,
            document: Secret::from(SHARED_KEY),
        };
        store.swap("pandadoc-1", &record).await.unwrap();
        let loaded = store.load("pandadoc-1").await.unwrap();
        assert_eq!(loaded, Some(record));
    }));
}
