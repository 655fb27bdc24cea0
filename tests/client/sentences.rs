//! Errors say what `sentences.txt` has. Other tests look at the kind of an error.
//!
//! A sentence says what happened, what the server may have done, and what to do next. Every public error type of the
//! crate has one here or in `rotate/sentences.txt`, which `codegen/error_types.rs` checks.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use webhook_subscriptions::pandadoc::types::WebhookEventHttpStatusCodeGroupEnum;
use webhook_subscriptions::ratepay::types::SubscriptionId;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::testing::{DeliveryError, DeliveryFailure};
use webhook_subscriptions::verify::{Key, KeyRing, PandaDoc, Ratepay, Refusal, RingKey};
use webhook_subscriptions::verify::{Scheme, Signature, VerifyError};
use webhook_subscriptions::{pandadoc, ratepay};
use webhook_subscriptions::{BuildError, Credential, CredentialError, Error};
use webhook_subscriptions::{Secret, WebhookUrl, WebhookUrlError};

use crate::recorded::{assert_recorded, line};
use crate::support::{self, head, response, Operation, Script, Server, HASTE, PATIENCE};

const SHA_256: &str = "d51ed7f6d499b6ad698d0e6bfe2077b2427e38558fee2693245c45689820954c";

/// Only a call over TLS asks the proxy to connect.
const BEHIND_A_PROXY: &str = "Error, a proxy that requires credentials";

async fn error(operation: Operation, script: Script) -> Error {
    let server = Server::start(script).await;
    let result = operation.call_within(&server.base_url(), HASTE).await;
    result.unwrap_err()
}

fn status(status: u16, headers: &[(&str, &str)]) -> Script {
    Script::answer(response(status, headers, ""))
}

/// Returns the sentences of calls that failed.
async fn calls() -> Vec<String> {
    use Operation::{SharedKey, Subscription};
    let id = [("x-request-id", "d173751d-0057-4d5c-ab75-49a670a4ca68")];
    let wait = [("retry-after", "30")];
    let situations = [
        ("no connection", Subscription, Script::close_at_once()),
        ("no response, retryable", Subscription, Script::close()),
        ("no response, not retryable", SharedKey, Script::close()),
        ("no response in time", Subscription, Script::stall()),
        ("401 with a request id", Subscription, status(401, &id)),
        ("429 with a wait", Subscription, status(429, &wait)),
        ("307", Subscription, status(307, &[])),
        ("303", SharedKey, status(303, &[])),
        (
            "a success cut short",
            SharedKey,
            Script::answer(head(200, &[], 9)),
        ),
    ];
    let mut said = Vec::new();
    for (situation, operation, script) in situations {
        said.push(line(situation, error(operation, script).await));
    }
    said.push(line("a read without JSON", read_without_json().await));
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    said.push(line(
        "a proxy that requires credentials",
        crate::http_settings::tls::rejected_by_a_proxy().await.0,
    ));
    said
}

async fn read_without_json() -> Error {
    let server = Server::answering(response(200, &[], "<html>")).await;
    let client = support::pandadoc(&server.base_url(), PATIENCE);
    let id = support::UUID.parse().unwrap();
    let read = client.details_webhook_subscription(&id).await;
    read.unwrap_err()
}

/// Returns the sentences about arguments that an API would reject.
fn arguments() -> Vec<String> {
    let mut said = Vec::new();
    for id in ["d8znR1k1_0Kw305BsoP", "d8znR1k1/0Kw305BsoPT"] {
        let error = id.parse::<SubscriptionId>().unwrap_err();
        said.push(line(format!("the id {id:?}"), error));
    }
    let error = SigningSecret::new("x".repeat(63)).unwrap_err();
    said.push(line("a secret of 63 characters", error));
    let error = WebhookEventHttpStatusCodeGroupEnum::try_from(404).unwrap_err();
    said.push(line("the group of statuses 404", error));
    for url in [
        "shop.example/hooks",
        "ftp://shop.example/",
        "https://shop.example/hooks\n",
        "https://shop.example/größe",
        "https:\\\\shop",
        "https:shop.example/hooks",
        "https:///shop.example/hooks",
    ] {
        let error = url.parse::<WebhookUrl>().unwrap_err();
        if let WebhookUrlError::NotAbsolute(syntax) = error {
            said.push(line(format!("the URL {url:?}"), syntax));
        }
        said.push(line(format!("the URL {url:?}"), error));
    }
    said
}

/// Returns the sentences about clients that can't be built or have no credential.
fn clients() -> Vec<String> {
    let local = || pandadoc::Client::builder().base_url("http://127.0.0.1");
    let mut said = Vec::new();
    for url in [
        "http://api.pandadoc.com",
        "http://10.0.0.1",
        "http://[::2]",
        "http://localhost.example",
        "https://me:hunter2@api.pandadoc.com",
        "https://api.pandadoc.com/?key=1",
        "data:text/plain,x",
    ] {
        let builder = pandadoc::Client::builder().api_key("key").base_url(url);
        let error = builder.build().unwrap_err();
        said.push(line(format!("the base URL {url:?}"), error));
    }
    for key in ["API-Key 3039ba03", "3039ba03\n", "schlüssel", ""] {
        let error = local().api_key(key).build().unwrap_err();
        said.push(line(format!("the credential {key:?}"), error));
    }
    let error = local().build().unwrap_err();
    said.push(line("no credential", error));
    let builder = ratepay::Client::builder().access_token("jwt");
    let error = builder.build().unwrap_err();
    said.push(line("no server at Ratepay", error));
    let builder = local().api_key("key").timeout(Duration::ZERO);
    let error = builder.build().unwrap_err();
    said.push(line("a timeout of zero", error));
    said.push(line("a build without TLS", BuildError::NoTls));
    let error = BuildError::HttpClient("any".into());
    said.push(line("the HTTP client can't start", error));
    let error = Credential::bearer("two words").unwrap_err();
    said.push(line("a token with a space", error));
    let error = CredentialError::new("any");
    said.push(line("a source that fails", error));
    said
}

/// Returns the sentences about requests that aren't verified.
fn signatures() -> Vec<String> {
    let mut said = Vec::new();
    for target in [
        "/hooks".to_owned(),
        format!("/hooks?signature={SHA_256}&signature={SHA_256}"),
        format!("/hooks?signature={}", SHA_256.repeat(2)),
        "/hooks?signature={signature}".to_owned(),
        format!("/hooks?signature={}", SHA_256.replace('d', "g")),
    ] {
        let error = Signature::<PandaDoc>::from_target(&target).unwrap_err();
        said.push(line(format!("PandaDoc's request to {target}"), error));
    }
    let twice = format!("{0}, {0}", SHA_256.repeat(2));
    for value in [
        None,
        Some(twice.as_str()),
        Some(SHA_256),
        Some("abc"),
        Some(&SHA_256.repeat(2).replace('d', "g")),
        Some("t=1778083162,v1=Rp1SRtrZLCubfGIGIXXPBS0UnOHnvcDbDbDtWC4nWvQ="),
    ] {
        let named = |value| (Ratepay::HEADER, HeaderValue::from_str(value).unwrap());
        let headers = HeaderMap::from_iter(value.map(named));
        let error = Signature::<Ratepay>::from_headers(&headers).unwrap_err();
        let value = value.unwrap_or("none");
        said.push(line(format!("Ratepay's signature {value}"), error));
    }
    said.extend([
        line("PandaDoc's ring without keys", no_active_key::<PandaDoc>()),
        line("Ratepay's ring without keys", no_active_key::<Ratepay>()),
        line("PandaDoc's forged delivery", forged::<PandaDoc>()),
        line("Ratepay's forged delivery", forged::<Ratepay>()),
    ]);
    said
}

fn no_active_key<S: Scheme>() -> VerifyError {
    let signature = key::<S>("key").sign(b"body");
    let verified = KeyRing::default().verify(b"body", &signature, SystemTime::UNIX_EPOCH);
    verified.unwrap_err()
}

fn forged<S: Scheme>() -> VerifyError {
    let signature = key::<S>("another key").sign(b"body");
    let ring = KeyRing::new([RingKey::new("key", key("key"))]).unwrap();
    let verified = ring.verify(b"body", &signature, SystemTime::UNIX_EPOCH);
    verified.unwrap_err()
}

fn key<S: Scheme>(secret: &str) -> Key<S> {
    Key::new(Secret::from(secret)).unwrap()
}

/// Returns the sentences about keys, payloads and requests that a receiver rejects.
fn receivers() -> Vec<String> {
    let not_decided = Refusal::NotDecided {
        retry_after: Duration::from_secs(30),
    };
    let same = || RingKey::new("2026-11", key::<PandaDoc>("key"));
    let malformed = pandadoc::delivery::parse(br#"{"event": "any"}"#);
    vec![
        line("an empty key", Key::<PandaDoc>::new("").unwrap_err()),
        line("a ring", KeyRing::new([same(), same()]).unwrap_err()),
        line(
            "a forged delivery",
            Refusal::NotVerified(forged::<PandaDoc>()),
        ),
        line("a key that may be new", not_decided),
        line("a limit of 100 bytes", Refusal::TooLarge(100)),
        line("a limit of another layer", Refusal::TooLargeForAnother),
        line("10 s", Refusal::TooSlow(Duration::from_secs(10))),
        line("a cut body", Refusal::Cut),
        line("an object of PandaDoc's", malformed.unwrap_err()),
        line(
            "half a payload",
            ratepay::delivery::parse(b"{").unwrap_err(),
        ),
        line("no JSON", ratepay::delivery::parse(b"any").unwrap_err()),
    ]
}

/// Returns the simulator's sentences about deliveries.
fn deliveries() -> Vec<String> {
    let refused = DeliveryFailure::NotConnected("connection refused".to_owned());
    let broken = DeliveryFailure::Broken("connection reset".to_owned());
    let not_subscribed = DeliveryError::NotSubscribed("document_completed".to_owned());
    vec![
        line("no connection", refused),
        line("no response in time", DeliveryFailure::TimedOut),
        line("a broken connection", broken),
        line("no subscription", DeliveryError::NoSubscription),
        line("an inactive subscription", DeliveryError::Inactive),
        line("another trigger", not_subscribed),
        line("no event", DeliveryError::NoEvent),
        line("another machine", DeliveryError::NotThisMachine),
        line("`https`", DeliveryError::NotHttp),
    ]
}

#[tokio::test]
async fn every_error_sentence_is_the_recorded_one() {
    let said = [
        calls().await,
        arguments(),
        clients(),
        signatures(),
        receivers(),
        deliveries(),
    ];
    let not_here: &[&str] = match cfg!(any(feature = "rustls", feature = "native-tls")) {
        true => &[],
        false => &[BEHIND_A_PROXY],
    };
    assert_recorded("client/sentences.txt", said.concat(), not_here);
}

#[tokio::test]
async fn a_request_id_that_may_be_a_key_is_not_printed() {
    for id in [
        "d173751d00574d5cab7549a670a4ca68",
        "{d173751d-0057-4d5c-ab75-49a670a4ca68}",
        "urn:uuid:d173751d-0057-4d5c-ab75-49a670a4ca68",
    ] {
        let script = status(401, &[("x-request-id", id)]);
        let sentence = error(Operation::Subscription, script).await.to_string();
        assert!(!sentence.contains("request id"), "{sentence}");
    }
}
