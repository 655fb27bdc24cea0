//! Every error is one sentence: what happened, what the server may have done, what to do next.
//!
//! `sentences.txt` has them all, one line each: the situation and the sentence.

use std::time::Duration;
use std::{env, fs};

use http::{HeaderMap, HeaderValue};
use webhook_subscriptions::pandadoc::types::WebhookEventHttpStatusCodeGroupEnum;
use webhook_subscriptions::ratepay::types::SubscriptionId;
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::verify::{PandaDoc, Ratepay, Signature};
use webhook_subscriptions::WebhookUrl;
use webhook_subscriptions::{pandadoc, ratepay};

use crate::support::{head, response, Operation, Script, Server, HASTE};

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/client/sentences.txt");
const SHA_256: &str = "d51ed7f6d499b6ad698d0e6bfe2077b2427e38558fee2693245c45689820954c";

async fn sentence(operation: Operation, script: Script) -> String {
    let server = Server::start(script).await;
    let result = operation.call_within(&server.base_url(), HASTE).await;
    result.unwrap_err().to_string()
}

fn status(status: u16, headers: &[(&str, &str)]) -> Script {
    Script::answer(response(status, headers, ""))
}

/// What a call says that failed.
async fn calls() -> Vec<(String, String)> {
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
        said.push((situation.to_owned(), sentence(operation, script).await));
    }
    said
}

/// What is said of arguments that an API would refuse.
fn arguments() -> Vec<(String, String)> {
    let mut said = Vec::new();
    for id in ["d8znR1k1_0Kw305BsoP", "d8znR1k1/0Kw305BsoPT"] {
        let error = id.parse::<SubscriptionId>().unwrap_err();
        said.push((format!("the id {id:?}"), error.to_string()));
    }
    let error = SigningSecret::new("x".repeat(63)).unwrap_err();
    said.push(("a secret of 63 characters".to_owned(), error.to_string()));
    let error = WebhookEventHttpStatusCodeGroupEnum::try_from(404).unwrap_err();
    said.push(("the group of statuses 404".to_owned(), error.to_string()));
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
        said.push((format!("the URL {url:?}"), error.to_string()));
    }
    said
}

/// What is said when a client isn't built.
fn builders() -> Vec<(String, String)> {
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
        said.push((format!("the base URL {url:?}"), error.to_string()));
    }
    for key in ["API-Key 3039ba03", "3039ba03\n", "schlüssel", ""] {
        let error = local().api_key(key).build().unwrap_err();
        said.push((format!("the credential {key:?}"), error.to_string()));
    }
    let error = local().build().unwrap_err();
    said.push(("no credential".to_owned(), error.to_string()));
    let builder = ratepay::Client::builder().access_token("jwt");
    let error = builder.build().unwrap_err();
    said.push(("no server at Ratepay".to_owned(), error.to_string()));
    let builder = local().api_key("key").timeout(Duration::ZERO);
    let error = builder.build().unwrap_err();
    said.push(("a timeout of zero".to_owned(), error.to_string()));
    said
}

/// What is said of signatures that help is offered with.
fn signatures() -> Vec<(String, String)> {
    let mut said = Vec::new();
    for value in [&SHA_256.repeat(2), "{signature}"] {
        let target = format!("/hooks?signature={value}");
        let error = Signature::<PandaDoc>::from_target(&target).unwrap_err();
        said.push((format!("PandaDoc's signature {value:?}"), error.to_string()));
    }
    for value in [
        SHA_256,
        "abc",
        "t=1778083162,v1=Rp1SRtrZLCubfGIGIXXPBS0UnOHnvcDbDbDtWC4nWvQ=",
    ] {
        let value = HeaderValue::from_static(value);
        let headers = HeaderMap::from_iter([(Ratepay::HEADER, value.clone())]);
        let error = Signature::<Ratepay>::from_headers(&headers).unwrap_err();
        said.push((format!("Ratepay's signature {value:?}"), error.to_string()));
    }
    said
}

#[tokio::test]
async fn every_error_sentence_is_the_recorded_one() {
    let said = [calls().await, arguments(), builders(), signatures()].concat();
    let said: Vec<String> = said
        .into_iter()
        .map(|(situation, sentence)| format!("{situation}: {sentence}"))
        .collect();
    if env::var_os("UPDATE_SENTENCES").is_some() {
        fs::write(RECORDED, said.join("\n") + "\n").unwrap();
    }
    let recorded = fs::read_to_string(RECORDED).unwrap();
    let recorded: Vec<&str> = recorded.lines().collect();
    let gone = recorded
        .iter()
        .filter(|line| !said.iter().any(|said| said == *line));
    let new = said
        .iter()
        .filter(|line| !recorded.contains(&line.as_str()));
    let gone = gone.map(|line| format!("- {line}\n"));
    let difference: String = gone.chain(new.map(|line| format!("+ {line}\n"))).collect();
    assert!(
        difference.is_empty(),
        "{difference}Run `UPDATE_SENTENCES=1 cargo test --test client sentences` if the lines marked + are right."
    );
}

#[tokio::test]
async fn a_request_id_that_may_be_a_key_is_not_printed() {
    for id in [
        "d173751d00574d5cab7549a670a4ca68",
        "{d173751d-0057-4d5c-ab75-49a670a4ca68}",
        "urn:uuid:d173751d-0057-4d5c-ab75-49a670a4ca68",
    ] {
        let script = status(401, &[("x-request-id", id)]);
        let sentence = sentence(Operation::Subscription, script).await;
        assert!(!sentence.contains("request id"), "{sentence}");
    }
}
