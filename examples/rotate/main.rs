//! Regenerates a PandaDoc shared key and replaces the secret of a Ratepay subscription.
//!
//! Without variables it uses a simulator inside the program, and also shows a 403 and a 429 as a caller
//! sees them. With these environment variables it uses the real services:
//!
//! - PandaDoc: `PANDADOC_API_KEY`, `PANDADOC_SUBSCRIPTION_ID`.
//! - Ratepay: `RATEPAY_ACCESS_TOKEN`, `RATEPAY_SUBSCRIPTION_ID`, `RATEPAY_URL`, `RATEPAY_EVENT_TYPE`.
//!   `RATEPAY_ENVIRONMENT` is `integration` (the default) or `production`.
//! - Another server, such as `cargo run --example simulator --features testing`: `PANDADOC_BASE_URL`,
//!   `RATEPAY_BASE_URL`.
//!
//! The new keys are written to the files `pandadoc-shared-key` and `ratepay-secret` in the current folder.
//! The files must not exist yet.
//!
//! - Ratepay's secret is written to its file before it is sent.
//! - PandaDoc's key is read back if the response to its regeneration is lost.

pub mod key_file;
pub mod pandadoc_key;
pub mod ratepay_secret;

use std::env::{self, VarError};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use pandadoc_key::PandaDoc;
use ratepay_secret::Ratepay;
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::SubscriptionRequest;
use webhook_subscriptions::ratepay::{Environment, SigningSecret};
use webhook_subscriptions::testing::{Fault, Simulator};
use webhook_subscriptions::{pandadoc, ratepay, RetryPolicy, Secret, WebhookUrl};

type RotateResult = Result<(), Box<dyn Error>>;

/// Reads an environment variable. Tests pass their own.
type Variables<'a> = &'a dyn Fn(&str) -> Result<String, VarError>;

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run(Path::new(""), &|name| env::var(name)).await else {
        return ExitCode::SUCCESS;
    };
    eprintln!("{error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

/// Rotates the keys that the variables name. Writes the key files to this folder.
pub async fn run(folder: &Path, variables: Variables<'_>) -> RotateResult {
    let pandadoc = all_or_none(variables, ["PANDADOC_API_KEY", "PANDADOC_SUBSCRIPTION_ID"])?;
    let ratepay = all_or_none(
        variables,
        [
            "RATEPAY_ACCESS_TOKEN",
            "RATEPAY_SUBSCRIPTION_ID",
            "RATEPAY_URL",
            "RATEPAY_EVENT_TYPE",
        ],
    )?;
    if pandadoc.is_none() && ratepay.is_none() {
        return run_with_simulator().await;
    }
    // Checks all variables before anything is changed.
    let pandadoc = pandadoc.map(|given| PandaDoc::new(given, variables));
    let pandadoc = pandadoc.transpose()?;
    let ratepay = ratepay.map(|given| Ratepay::new(given, variables));
    let ratepay = ratepay.transpose()?;
    if let Some(pandadoc) = pandadoc {
        pandadoc.rotate(folder).await?;
    }
    if let Some(ratepay) = ratepay {
        ratepay.rotate(folder).await?;
    }
    Ok(())
}

/// Returns the values of these variables, or `None` if none is set.
fn all_or_none<const N: usize>(
    variables: Variables<'_>,
    names: [&str; N],
) -> Result<Option<[String; N]>, String> {
    let mut values = [const { String::new() }; N];
    let mut missing = Vec::new();
    for (value, name) in values.iter_mut().zip(names) {
        match optional(variables, name)? {
            Some(given) => *value = given,
            None => missing.push(name),
        }
    }
    match missing.first() {
        None => Ok(Some(values)),
        Some(_) if missing.len() == N => Ok(None),
        Some(name) => Err(format!("{name} isn't set; set it as well")),
    }
}

fn optional(variables: Variables<'_>, name: &str) -> Result<Option<String>, String> {
    match variables(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        // The value isn't printed, because it may be a key.
        Err(VarError::NotUnicode(_)) => Err(format!("{name} isn't UTF-8")),
    }
}

/// Adds the name of a variable to an error about its value.
fn named<T>(name: &str, value: Result<T, impl Error>) -> Result<T, String> {
    value.map_err(|error| format!("{name}: {error}"))
}

impl PandaDoc {
    fn new([key, id]: [String; 2], variables: Variables<'_>) -> Result<Self, Box<dyn Error>> {
        let mut builder = pandadoc::Client::builder().api_key(key);
        if let Some(url) = optional(variables, "PANDADOC_BASE_URL")? {
            builder = builder.base_url(url);
        }
        Ok(Self {
            id: id
                .parse()
                .map_err(|_| "PANDADOC_SUBSCRIPTION_ID isn't a UUID")?,
            client: builder.build()?,
        })
    }
}

impl Ratepay {
    fn new(
        [token, id, url, event_type]: [String; 4],
        variables: Variables<'_>,
    ) -> Result<Self, Box<dyn Error>> {
        let environment = optional(variables, "RATEPAY_ENVIRONMENT")?;
        let environment = match environment.as_deref() {
            Some("production") => Environment::Production,
            Some("integration") | None => Environment::Integration,
            _ => {
                return Err("RATEPAY_ENVIRONMENT is neither `integration` nor `production`".into())
            }
        };
        let builder = ratepay::Client::builder().access_token(token);
        let mut builder = builder.environment(environment);
        if let Some(url) = optional(variables, "RATEPAY_BASE_URL")? {
            builder = builder.base_url(url);
        }
        Ok(Self {
            id: named("RATEPAY_SUBSCRIPTION_ID", id.parse())?,
            subscription: SubscriptionRequest {
                url: named("RATEPAY_URL", url.parse())?,
                event_type,
                secret: SigningSecret::generate(),
            },
            client: builder.build()?,
        })
    }
}

async fn run_with_simulator() -> RotateResult {
    let simulator = Simulator::start().await?;
    println!(
        "The simulator of both APIs listens on {}.\n",
        simulator.base_url()
    );
    let url: WebhookUrl = "https://shop.example/hooks/invoice".parse()?;

    let server = simulator.pandadoc();
    let id = server.add_subscription(&url);
    let pandadoc = server.client_builder().build()?;
    let before = server.shared_key(&id);
    println!("PandaDoc: regenerating the shared key of {id}");
    let answer = pandadoc.update_webhook_subscription_shared_key(&id).await?;
    println!(
        "  {}: the new key is {:?}",
        answer.status(),
        answer.shared_key
    );
    let current = server.shared_key(&id);
    println!("  the server's key has changed: {}", current != before);
    println!(
        "  the server signs with the new key: {}\n",
        current.as_ref() == Some(&answer.shared_key)
    );

    let server = simulator.ratepay();
    let ratepay_id = server.add_subscription(&url, "INVOICE_INVOICE", SigningSecret::generate());
    let ratepay = server.client_builder().build()?;
    let subscription = SubscriptionRequest {
        url,
        event_type: "INVOICE_INVOICE".into(),
        secret: SigningSecret::generate(),
    };
    println!("Ratepay: replacing the secret of subscription {ratepay_id}");
    let answer = ratepay
        .update_subscription(&ratepay_id, &subscription)
        .await?;
    println!(
        "  {}: the new secret is {:?}",
        answer.status(),
        answer.secret
    );
    let ours: Secret = subscription.secret.into();
    println!(
        "  the server signs with the new secret: {}\n",
        server.secret(&ratepay_id) == Some(ours),
    );

    println!("PandaDoc: regenerating the key with the API key of a member without the permission");
    let member = simulator.pandadoc().member_api_key();
    let builder = simulator.pandadoc().client_builder().api_key(member);
    show_failure(&builder.build()?, &id).await;
    println!("PandaDoc: regenerating the key while the rate limit is exceeded");
    simulator.inject(Fault::too_many_requests(Some(30.into())));
    show_failure(&pandadoc, &id).await;
    println!(
        "PandaDoc still signs with the new key from above: {}",
        simulator.pandadoc().shared_key(&id) == current
    );
    Ok(())
}

/// Shows what an error tells a caller.
///
/// The call isn't retried; otherwise the client would wait as long as the server asks.
async fn show_failure(client: &pandadoc::Client, id: &Uuid) {
    let client = client.with_retry(RetryPolicy::none());
    let Err(error) = client.update_webhook_subscription_shared_key(id).await else {
        println!("  the call succeeded, but a failure was expected");
        return;
    };
    println!("  {error}");
    println!("  outcome:      {:?}", error.outcome());
    if let Some(wait) = error.retry_after() {
        println!("  retry after:  {} s", wait.as_secs());
    }
    let problem = error.problem();
    println!("  name:         {}", problem.name().unwrap_or("none"));
    println!("  message:      {}", problem.message().unwrap_or("none"));
    if let Some(info) = problem.info_message() {
        println!("  info message: {info}");
    }
    for link in problem.links() {
        let method = link.method().unwrap_or("GET");
        println!("  link:         {method} {}", link.href().unwrap_or("none"));
    }
    println!();
}
