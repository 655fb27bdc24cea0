//! Regenerates a PandaDoc shared key and updates a Ratepay subscription.
//!
//! With nothing set it does so at a simulator of both APIs inside itself, and shows what a caller
//! sees of a 403 and of a 429. With these variables set it does so at the real services:
//!
//! - PandaDoc: `PANDADOC_API_KEY`, `PANDADOC_SUBSCRIPTION_ID`.
//! - Ratepay: `RATEPAY_ACCESS_TOKEN`, `RATEPAY_SUBSCRIPTION_ID`, `RATEPAY_URL`, `RATEPAY_EVENT_TYPE`;
//!   the integration environment, unless `RATEPAY_ENVIRONMENT` is `production`.
//!
//! The new keys then go to files of this folder, `pandadoc-shared-key` and `ratepay-secret`, which
//! must not exist yet: a key that is only printed, or only in memory, is soon lost.

mod key_file;

use std::env::{self, VarError};
use std::error::Error;
use std::process::ExitCode;

use key_file::KeyFile;
use uuid::Uuid;
use webhook_subscriptions::ratepay::types::{SubscriptionId, SubscriptionRequest};
use webhook_subscriptions::ratepay::{Environment, SigningSecret};
use webhook_subscriptions::testing::{Fault, Simulator};
use webhook_subscriptions::{pandadoc, ratepay, Outcome, RetryPolicy, Secret, WebhookUrl};

type Outcomes = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else {
        return ExitCode::SUCCESS;
    };
    eprintln!("{error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

async fn run() -> Outcomes {
    let pandadoc = settings(["PANDADOC_API_KEY", "PANDADOC_SUBSCRIPTION_ID"])?;
    let ratepay = settings([
        "RATEPAY_ACCESS_TOKEN",
        "RATEPAY_SUBSCRIPTION_ID",
        "RATEPAY_URL",
        "RATEPAY_EVENT_TYPE",
    ])?;
    if pandadoc.is_none() && ratepay.is_none() {
        return at_a_simulator().await;
    }
    // All that can be wrong with what was given is found out before anything is changed.
    let pandadoc = pandadoc.map(PandaDoc::new).transpose()?;
    let ratepay = ratepay.map(Ratepay::new).transpose()?;
    if let Some(pandadoc) = pandadoc {
        pandadoc.rotate().await?;
    }
    if let Some(ratepay) = ratepay {
        ratepay.rotate().await?;
    }
    Ok(())
}

/// The values of these variables, or none if none is set.
fn settings<const N: usize>(names: [&str; N]) -> Result<Option<[String; N]>, Box<dyn Error>> {
    if names.iter().all(|name| env::var_os(name).is_none()) {
        return Ok(None);
    }
    let mut values = [const { String::new() }; N];
    for (value, name) in values.iter_mut().zip(names) {
        *value = match env::var(name) {
            Ok(value) => value,
            Err(VarError::NotPresent) => return Err(format!("{name} is not set").into()),
            // Not the value: it may be a key.
            Err(VarError::NotUnicode(_)) => return Err(format!("{name} is not UTF-8").into()),
        };
    }
    Ok(Some(values))
}

/// The value of a variable, or what is wrong with it, with its name.
fn named<T>(name: &str, value: Result<T, impl Error>) -> Result<T, String> {
    value.map_err(|error| format!("{name}: {error}"))
}

struct PandaDoc {
    client: pandadoc::Client,
    id: Uuid,
}

impl PandaDoc {
    fn new([key, id]: [String; 2]) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            client: pandadoc::Client::builder().api_key(key).build()?,
            id: id
                .parse()
                .map_err(|_| "PANDADOC_SUBSCRIPTION_ID is no uuid")?,
        })
    }

    async fn rotate(self) -> Outcomes {
        let Self { client, id } = self;
        let file = KeyFile::create("pandadoc-shared-key")?;
        println!("PandaDoc: regenerating the shared key of {id}");
        match client.update_webhook_subscription_shared_key(&id).await {
            Ok(answer) => {
                file.keep(answer.shared_key.expose_secret())?;
                println!("  {}: the new key is in {file}", answer.status());
                Ok(())
            }
            Err(error) => {
                match error.expose_success_body() {
                    // Regenerated, and the answer is not what it should be: the key may be in it.
                    Some(body) if !body.is_empty() => {
                        file.keep(body)?;
                        println!("  what came of the server's answer is in {file}");
                    }
                    _ => file.discard()?,
                }
                Err(error.into())
            }
        }
    }
}

struct Ratepay {
    client: ratepay::Client,
    id: SubscriptionId,
    subscription: SubscriptionRequest,
}

impl Ratepay {
    fn new([token, id, url, event_type]: [String; 4]) -> Result<Self, Box<dyn Error>> {
        let environment = match env::var("RATEPAY_ENVIRONMENT").as_deref() {
            Ok("production") => Environment::Production,
            Ok("integration") | Err(VarError::NotPresent) => Environment::Integration,
            _ => return Err("RATEPAY_ENVIRONMENT is neither integration nor production".into()),
        };
        Ok(Self {
            client: ratepay::Client::builder()
                .environment(environment)
                .access_token(token)
                .build()?,
            id: named("RATEPAY_SUBSCRIPTION_ID", id.parse())?,
            subscription: SubscriptionRequest {
                url: named("RATEPAY_URL", url.parse())?,
                event_type,
                secret: SigningSecret::generate(),
            },
        })
    }

    async fn rotate(self) -> Outcomes {
        let Self {
            client,
            id,
            subscription,
        } = self;
        let file = KeyFile::create("ratepay-secret")?;
        // Kept before it is sent: no answer can lose it then.
        file.keep(subscription.secret.expose_secret())?;
        println!("Ratepay: updating subscription {id}");
        match client.update_subscription(&id, &subscription).await {
            Ok(answer) => {
                println!("  {}: the new secret is in {file}", answer.status());
                Ok(())
            }
            Err(error) => {
                match error.outcome() {
                    // The old secret is still the one that counts.
                    Outcome::NotSent | Outcome::Rejected => file.discard()?,
                    Outcome::Unknown | Outcome::Applied => {
                        println!("  the new secret is in {file}, and may be in force");
                    }
                }
                Err(error.into())
            }
        }
    }
}

async fn at_a_simulator() -> Outcomes {
    let simulator = Simulator::start().await?;
    println!(
        "A simulator of both APIs listens on {}.\n",
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
    let in_force = server.shared_key(&id);
    println!(
        "  the server signs with another key than before: {}",
        in_force != before
    );
    println!(
        "  and that is ours: {}\n",
        in_force.as_ref() == Some(&answer.shared_key)
    );

    let server = simulator.ratepay();
    let ratepay_id = server.add_subscription(&url, "INVOICE_INVOICE", SigningSecret::generate());
    let ratepay = server.client_builder().build()?;
    let subscription = SubscriptionRequest {
        url,
        event_type: "INVOICE_INVOICE".into(),
        secret: SigningSecret::generate(),
    };
    println!("Ratepay: updating subscription {ratepay_id}");
    let answer = ratepay
        .update_subscription(&ratepay_id, &subscription)
        .await?;
    println!("  {}: {:?}", answer.status(), *answer);
    let ours: Secret = subscription.secret.into();
    println!(
        "  the server signs with our secret: {}\n",
        server.secret(&ratepay_id) == Some(ours),
    );

    println!("PandaDoc: the same with the key of somebody who may not change it");
    let member = simulator.pandadoc().member_api_key();
    let builder = simulator.pandadoc().client_builder().api_key(member);
    show_failure(&builder.build()?, &id).await;
    println!("PandaDoc: the same once more, when there have been too many calls");
    simulator.inject(Fault::too_many_requests(Some(30.into())));
    show_failure(&pandadoc, &id).await;
    println!(
        "The server signs with the key from above still: {}.",
        simulator.pandadoc().shared_key(&id) == in_force
    );
    Ok(())
}

/// What a caller can learn of a failure. Without repeats: the client would wait as it is told.
async fn show_failure(client: &pandadoc::Client, id: &Uuid) {
    let client = client.with_retry(RetryPolicy::none());
    let Err(error) = client.update_webhook_subscription_shared_key(id).await else {
        println!("  it worked, against expectation");
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
