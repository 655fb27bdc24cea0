//! No key, token or secret is in any `Debug`, `Display`, error chain or log line.
//!
//! One canary of each kind is sent and received through every success and every failure that the other tests
//! know. The server echoes it in bodies of every shape, and the test then looks for it.

use std::error::Error as _;
use std::fmt::{Debug, Write as _};
use std::sync::Mutex;

use crate::support::{
    self, head, pandadoc, ratepay, response, subscription, Operation, Script, Server,
};
use crate::support::{API_KEY, HASTE, JWT, PATIENCE, SHARED_KEY, SIGNING_SECRET};
use webhook_subscriptions::ratepay::SigningSecret;
use webhook_subscriptions::WebhookUrl;
use webhook_subscriptions::{pandadoc, ratepay, Credential, Error, RetryPolicy, Secret};

const CANARIES: [&str; 4] = [API_KEY, JWT, SHARED_KEY, SIGNING_SECRET];

/// Everything that was printed or logged.
static PRINTED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        writeln!(
            PRINTED.lock().unwrap(),
            "log {}: {}",
            record.target(),
            record.args()
        )
        .unwrap();
    }

    fn flush(&self) {}
}

fn print(value: impl Debug) {
    writeln!(PRINTED.lock().unwrap(), "{value:?}\n{value:#?}").unwrap();
}

/// The errors that stop a client from being built, as a user sees them.
fn print_built<T: Debug, E: std::error::Error>(built: Result<T, E>) {
    if let Err(error) = &built {
        writeln!(PRINTED.lock().unwrap(), "{error}").unwrap();
    }
    print(built);
}

fn print_error(error: &Error) {
    print(error);
    print(error.problem());
    print(error.problem().links());
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        write!(chain, ": {error} {error:?}").unwrap();
        source = error.source();
    }
    writeln!(PRINTED.lock().unwrap(), "{chain}").unwrap();
}

/// Everything that a server may say, with the canaries wherever they fit.
fn scripts(operation: Operation) -> Vec<(Script, bool)> {
    let all = CANARIES.join(" ");
    let bodies = [
        operation.success(),
        format!(r#"{{"shared_key":["{all}"],"secret":{{"{all}":1}}}}"#),
        format!(
            r#"{{"type":"{all}","name":"{all}","detail":"{all}","message":"{all}","info_message":"{all}","links":[{{"rel":"{all}","href":"{all}","type":"{all}"}}]}}"#
        ),
        format!(r#"{{"type":"request_error","detail":{{"{all}":["{all}"]}}}}"#),
        format!("[\"{all}\"]"),
        format!("\"{all}\""),
        all.clone(),
        format!("<html>{all}</html>"),
        format!(r#"{{"shared_key":"{all}"#),
    ];
    let mut scripts = vec![
        Script::close_at_once(),
        Script::close(),
        Script::answer(format!("HTTP/1.1 {all}\r\n\r\n")),
        Script::answer(format!("HTTP/1.1 200 OK\r\n{all}")),
        Script::answer(all.clone()),
    ];
    for status in [
        200, 201, 301, 400, 401, 403, 404, 405, 406, 415, 429, 500, 502, 503,
    ] {
        for body in &bodies {
            let headers = [("retry-after", "5"), ("set-cookie", all.as_str())];
            scripts.push(Script::answer(response(status, &headers, body)));
        }
        let mut cut = head(status, &[], bodies[0].len() + 1);
        cut.extend_from_slice(bodies[0].as_bytes());
        scripts.push(Script::answer(cut));
    }
    let mut stalling = head(200, &[], bodies[0].len() + 1);
    stalling.extend_from_slice(bodies[0].as_bytes());
    let stalling = [Script::stall(), Script::stall_after(stalling)];
    let quick = scripts.into_iter().map(|script| (script, false));
    quick.chain(stalling.map(|script| (script, true))).collect()
}

async fn print_every_answer() {
    for operation in Operation::ALL {
        for (script, script_stalls) in scripts(operation) {
            let server = Server::start(script).await;
            let timeout = if script_stalls { HASTE } else { PATIENCE };
            match operation.call_within(&server.base_url(), timeout).await {
                Ok(secret) => print(secret),
                Err(error) => print_error(&error),
            }
        }
        let refused = operation.call_within("http://127.0.0.1:9", HASTE).await;
        print_error(&refused.unwrap_err());
    }
}

async fn print_results() {
    let server = Server::answering(response(200, &[], Operation::SharedKey.success())).await;
    let client = pandadoc(&server.base_url(), PATIENCE);
    let id = support::UUID.parse().unwrap();
    print(client.update_webhook_subscription_shared_key(&id).await);
    print(&client);

    let server = Server::answering(response(200, &[], Operation::Subscription.success())).await;
    let client = ratepay(&server.base_url(), PATIENCE);
    let id = support::SUBSCRIPTION_ID.parse().unwrap();
    print(client.update_subscription(&id, &subscription()).await);
    print(&client);
}

/// The bytes of a connection, were it the caller's choice.
async fn print_verbose_connection() {
    let server = Server::answering(response(200, &[], Operation::SharedKey.success())).await;
    let client = pandadoc::Client::builder()
        .base_url(server.base_url())
        .api_key(API_KEY)
        .configure_http(|http| http.connection_verbose(true))
        .build()
        .unwrap();
    let id = support::UUID.parse().unwrap();
    print(client.update_webhook_subscription_shared_key(&id).await);
}

fn print_values() {
    print(Secret::from(API_KEY));
    print(SigningSecret::new(SIGNING_SECRET));
    print(SigningSecret::new(SHARED_KEY));
    print(subscription());
    let answer = serde_json::json!({ "shared_key": SHARED_KEY });
    print(serde_json::from_value::<
        pandadoc::types::WebhookSubscriptionSharedKeyResponse,
    >(answer));
    print(
        format!("https://me:{API_KEY}@shop.example/?token={JWT}#{SHARED_KEY}")
            .parse::<WebhookUrl>(),
    );
    print(format!("me:{API_KEY}@shop.example?{JWT}").parse::<WebhookUrl>());
    print(
        serde_json::from_str::<SigningSecret>(&format!("\"{SHARED_KEY}\""))
            .map_err(|e| e.to_string()),
    );
}

fn print_builders() {
    let with_everything = || {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-not-marked-sensitive", API_KEY.parse().unwrap());
        pandadoc::Client::builder()
            .api_key(API_KEY)
            .access_token(JWT)
            .configure_http(move |http| http.default_headers(headers.clone()))
    };
    print(with_everything());
    print_built(with_everything().base_url("http://127.0.0.1:1").build());
    print_built(
        with_everything()
            .base_url(format!("http://{API_KEY}@127.0.0.1"))
            .build(),
    );
    print_built(
        with_everything()
            .base_url(format!("http://{API_KEY}"))
            .build(),
    );
    print_built(
        with_everything()
            .base_url(format!("{API_KEY}://127.0.0.1"))
            .build(),
    );
    print_built(
        with_everything()
            .base_url(format!("https://127.0.0.1/?{API_KEY}"))
            .build(),
    );
    for key in [
        format!("API-Key {API_KEY}"),
        format!("{API_KEY}ü"),
        format!("{API_KEY}\0"),
    ] {
        print_built(pandadoc::Client::builder().api_key(key.as_str()).build());
    }
    print(ratepay::Client::builder().access_token(JWT));
    print_built(ratepay::Client::builder().access_token(JWT).build());
}

/// Sources of credentials, and calls for which there is none.
async fn print_sources() {
    let nowhere = "http://127.0.0.1:9";
    let oauth = ratepay::oauth::Client::builder()
        .base_url(nowhere)
        .retry(RetryPolicy::none());
    let oauth = oauth.build().unwrap();
    let environment = ratepay::Environment::Integration;
    let source = oauth.client_credentials(environment, "id", SIGNING_SECRET);
    print(&source);
    let builder = ratepay::Client::builder()
        .base_url(nowhere)
        .credential_source(source);
    print(&builder);
    let client = builder.build().unwrap();
    print(&client);
    let id = support::SUBSCRIPTION_ID.parse().unwrap();
    print_error(
        &client
            .update_subscription(&id, &subscription())
            .await
            .unwrap_err(),
    );
    print(Credential::bearer(JWT));
    print(Credential::api_key(format!("{API_KEY}\n")));
}

#[tokio::test]
async fn no_secret_is_printed_or_logged() {
    log::set_logger(&Log).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    print_every_answer().await;
    print_results().await;
    print_verbose_connection().await;
    print_values();
    print_builders();
    print_sources().await;

    let printed = PRINTED.lock().unwrap();
    let leaks: Vec<&str> = printed
        .lines()
        .filter(|line| CANARIES.iter().any(|canary| line.contains(canary)))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");

    // A net that caught nothing at all has a hole.
    for expected in [
        "[REDACTED]",
        "log reqwest",
        "403 Forbidden",
        "InvalidCredential",
    ] {
        assert!(
            printed.contains(expected),
            "nothing printed has {expected:?}"
        );
    }
}
