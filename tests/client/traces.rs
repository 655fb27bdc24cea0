//! With the feature `tracing`, a call tells what it does, in OpenTelemetry's words, and no secret.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use webhook_subscriptions::pandadoc::oauth::{RefreshToken, RefreshTokenStore};
use webhook_subscriptions::ratepay::Environment;
use webhook_subscriptions::{pandadoc, ratepay, BoxFuture, RetryPolicy, Secret};

use crate::support::{self, response, run_clock_in_small_steps, Operation, Script, Server};
use crate::support::{API_KEY, JWT, SHARED_KEY, SIGNING_SECRET, SUBSCRIPTION_ID, UUID};

/// The traces, as text.
#[derive(Clone, Default)]
struct Traced(Arc<Mutex<Vec<u8>>>);

impl Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Traced {
    /// Collects all spans and events of this thread, at every level, while the guard lives.
    fn collect() -> (Self, tracing::subscriber::DefaultGuard) {
        let traced = Self::default();
        let writer = traced.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (traced, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of one kind: spans that begin (`new`) or end (`close`), events by their message.
    fn lines(&self, kind: &str) -> Vec<String> {
        let text = self.text();
        let lines = text
            .lines()
            .filter(|line| line.contains(&format!(": {kind}")));
        lines.map(str::to_owned).collect()
    }
}

/// The trace of a regeneration that is first answered with 429.
async fn regeneration() -> Traced {
    run_clock_in_small_steps();
    let server = Server::scripted(|number| match number {
        0 => Script::answer(response(429, &[("retry-after", "7")], "")),
        _ => Script::answer(response(200, &[], Operation::SharedKey.success())),
    })
    .await;
    let (traced, _guard) = Traced::collect();
    let base_url = server.base_url();
    let call = Operation::SharedKey.call_under(RetryPolicy::default(), &base_url);
    call.await.unwrap();
    traced
}

#[tokio::test(start_paused = true)]
async fn a_call_is_one_span() {
    assert_eq!(regeneration().await.lines("new").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_span_says_what_is_called() {
    let span = regeneration().await.lines("new").remove(0);
    for field in [
        r#"http.request.method="PATCH""#,
        r#"url.template="/public/v1/webhook-subscriptions/{id}/shared-key""#,
        r#"server.address="127.0.0.1""#,
        r#"operation="update_webhook_subscription_shared_key""#,
        r#"otel.name=PATCH /public/v1/webhook-subscriptions/{id}/shared-key"#,
        r#"otel.kind="client""#,
    ] {
        assert!(span.contains(field), "{field} is not in {span}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_span_ends_with_the_status_and_the_count_of_retries() {
    let span = regeneration().await.lines("close").remove(0);
    for field in [
        "http.response.status_code=200",
        "http.request.resend_count=1",
    ] {
        assert!(span.contains(field), "{field} is not in {span}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_one_event() {
    let traced = regeneration().await;
    let seen = (traced.lines("failed").len(), traced.lines("answered").len());
    assert_eq!(seen, (1, 1));
}

#[tokio::test(start_paused = true)]
async fn an_event_of_a_failure_says_what_is_known_and_done() {
    let event = regeneration().await.lines("failed").remove(0);
    for field in [
        "http.response.status_code=429",
        r#"error.type="429""#,
        "outcome=Rejected",
        "wait_ms=7000",
    ] {
        assert!(event.contains(field), "{field} is not in {event}");
    }
}

/// Collects the level, the name and the fields of every span and event, in the form of the rows of
/// `docs/tracing.md`.
#[derive(Clone, Default)]
struct Rows(Arc<Mutex<BTreeSet<String>>>);

impl Rows {
    fn add(&self, kind: &str, name: &str, metadata: &tracing::Metadata<'_>) {
        if !metadata.target().starts_with("webhook_subscriptions") {
            return;
        }
        let fields = metadata.fields().iter().map(|field| field.name());
        let fields = fields.filter(|field| *field != "message");
        let row = [metadata.level().as_str(), name].into_iter().chain(fields);
        let row = format!("{kind} {}", Vec::from_iter(row).join(" "));
        self.0.lock().unwrap().insert(row);
    }
}

/// The message of an event.
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Rows {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.add("span", span.metadata().name(), span.metadata());
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        self.add("event", &message.0, event.metadata());
    }
}

/// The rows of the table of spans and events in the documentation.
fn documented() -> BTreeSet<String> {
    let rows = include_str!("../../docs/tracing.md").lines();
    let rows = rows.filter_map(|row| {
        let kind = ["span", "event"]
            .into_iter()
            .find(|kind| row.starts_with(&format!("| {kind} |")))?;
        let cells: Vec<&str> = row.split('|').collect();
        let (level, name, fields) = (cells[2], cells[3], cells[5]);
        let names = [level, name, fields].into_iter();
        let names = names.flat_map(|cell| cell.split('`').skip(1).step_by(2));
        Some(format!("{kind} {}", Vec::from_iter(names).join(" ")))
    });
    rows.collect()
}

#[tokio::test(start_paused = true)]
async fn every_span_and_event_is_documented_with_its_level_and_its_fields() {
    let rows = Rows::default();
    let subscriber = tracing_subscriber::registry().with(rows.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    for body in [Operation::SharedKey.success(), "{}".to_owned()] {
        run_clock_in_small_steps();
        let server = Server::scripted(move |number| match number {
            0 => Script::answer(response(429, &[("retry-after", "7")], "")),
            _ => Script::answer(response(200, &[], &body)),
        });
        let base_url = server.await.base_url();
        let call = Operation::SharedKey.call_under(RetryPolicy::default(), &base_url);
        call.await.ok();
    }
    renew_into_a_store_that_fails().await;
    let emitted = rows.0.lock().unwrap();
    assert_eq!(*emitted, documented());
}

/// A store that keeps nothing.
struct Nowhere;

impl RefreshTokenStore for Nowhere {
    fn store<'a>(
        &'a self,
        _: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Everything that is secret in the calls below.
const CANARIES: [&str; 9] = [
    API_KEY,
    JWT,
    SHARED_KEY,
    SIGNING_SECRET,
    "canary-client-secret",
    "canary-refresh-token-1",
    "canary-refresh-token-2",
    "canary-access-token",
    "canary-query",
];

async fn call_with_a_refresh_token(base_url: &str, tokens: &Server) {
    let oauth = pandadoc::oauth::Client::builder()
        .base_url(tokens.base_url())
        .build()
        .unwrap();
    let grant = support::grant("canary-client-secret", "canary-refresh-token-1");
    let source = RefreshToken::new(oauth, grant, Nowhere);
    tracing::info!(?source);
    let client = pandadoc::Client::builder()
        .base_url(base_url)
        .credential_source(source)
        .build()
        .unwrap();
    let result = client
        .update_webhook_subscription_shared_key(&UUID.parse().unwrap())
        .await;
    tracing::info!(?client, ?result);
}

async fn call_with_client_credentials(base_url: &str, tokens: &Server) {
    let oauth = ratepay::oauth::Client::builder()
        .base_url(tokens.base_url())
        .build()
        .unwrap();
    let environment = Environment::Integration;
    let secret = "canary-client-secret";
    let source = oauth.client_credentials(environment, "id", secret);
    tracing::info!(?source);
    let client = ratepay::Client::builder()
        .base_url(base_url)
        .credential_source(source)
        .build()
        .unwrap();
    let mut subscription = support::subscription();
    subscription.url = "https://shop.example/?canary-query".parse().unwrap();
    let result = client
        .update_subscription(&SUBSCRIPTION_ID.parse().unwrap(), &subscription)
        .await;
    tracing::info!(?client, ?result);
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_in_any_span_or_event() {
    run_clock_in_small_steps();
    let (traced, _guard) = Traced::collect();
    let all = CANARIES.join(" ");
    let token = r#"{"access_token":"canary-access-token","refresh_token":"canary-refresh-token-2","expires_in":9}"#;
    let echo = format!(r#"{{"message":"JWT {all}","detail":"JWT {all}","error":"{all}"}}"#);
    for token_answer in [
        response(200, &[], token),
        response(400, &[], &echo),
        all.clone().into(),
    ] {
        let tokens = Server::answering(token_answer).await;
        for status in [200, 400, 401, 403, 429, 500, 503] {
            for operation in Operation::ALL {
                for body in [operation.success(), echo.clone(), all.clone()] {
                    let headers = [("retry-after", "1"), ("x-request-id", API_KEY)];
                    let server = Server::answering(response(status, &headers, body)).await;
                    let base_url = server.base_url();
                    let result = operation
                        .call_under(RetryPolicy::default(), &base_url)
                        .await;
                    tracing::info!(?result);
                    call_with_a_refresh_token(&base_url, &tokens).await;
                    call_with_client_credentials(&base_url, &tokens).await;
                }
            }
        }
    }
    let text = traced.text();
    let leaks: Vec<&str> = text
        .lines()
        .filter(|line| CANARIES.iter().any(|canary| line.contains(canary)))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
    // A net that caught nothing at all has a hole.
    for expected in [
        "create_o_auth_token",
        "access_token",
        "[REDACTED]",
        "outcome=Unknown",
    ] {
        assert!(text.contains(expected), "nothing traced has {expected:?}");
    }
}

/// A store that fails the first time it is asked to replace a token.
#[derive(Default)]
struct FailsOnce(std::sync::atomic::AtomicUsize);

impl RefreshTokenStore for FailsOnce {
    fn store<'a>(
        &'a self,
        token: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let result = match number {
            1 => Err(format!("cannot keep {}", token.expose_secret()).into()),
            _ => Ok(()),
        };
        Box::pin(std::future::ready(result))
    }
}

/// Makes a call, and another whose early renewal of the token has a new refresh token that isn't stored.
async fn renew_into_a_store_that_fails() {
    run_clock_in_small_steps();
    let tokens = Server::scripted(|number| {
        let body = format!(
            r#"{{"access_token":"a-token","refresh_token":"canary-refresh-{number}","expires_in":9}}"#
        );
        Script::answer(response(200, &[], body))
    })
    .await;
    let api = Server::answering(response(200, &[], Operation::SharedKey.success())).await;
    let oauth = pandadoc::oauth::Client::builder()
        .base_url(tokens.base_url())
        .build()
        .unwrap();
    let source = RefreshToken::new(
        oauth,
        support::grant("secret", "token"),
        FailsOnce::default(),
    );
    let client = pandadoc::Client::builder()
        .base_url(api.base_url())
        .credential_source(source)
        .build()
        .unwrap();
    for wait in [0, 8_500] {
        tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
        client
            .update_webhook_subscription_shared_key(&UUID.parse().unwrap())
            .await
            .unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_an_early_renewal_is_a_warning_without_its_words() {
    let (traced, _guard) = Traced::collect();
    renew_into_a_store_that_fails().await;
    let text = traced.text();
    let warnings: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(" WARN "))
        .collect();
    assert!(
        matches!(&warnings[..], [warning] if warning.contains(r#"error.type="error""#)
            && !warning.contains("canary")),
        "{warnings:#?}"
    );
}
