//! The public face compiles as it stands: the names and types that users of this crate rely on.

use webhook_subscriptions::ratepay::{RandomnessError, SigningSecret};
use webhook_subscriptions::{pandadoc, ratepay, BuildError, Secret, UrlSyntax, WebhookUrlError};

/// Never called: it would reach the providers. The compiler checks what this test promises.
#[allow(dead_code)]
async fn public_face(id: uuid::Uuid, jwt: Secret) -> Result<(), Box<dyn std::error::Error>> {
    let pandadoc = pandadoc::Client::builder()
        .api_key(std::env::var("PANDADOC_API_KEY")?)
        .build()?;
    let answer = pandadoc.update_webhook_subscription_shared_key(&id).await?; // id: uuid::Uuid
    let key: Secret = answer.into_inner().shared_key; // prints as [REDACTED]

    let ratepay = ratepay::Client::builder()
        .environment(ratepay::Environment::Integration)
        .access_token(jwt)
        .build()?;
    let body = ratepay::types::SubscriptionRequest {
        url: "https://shop.example/hooks/invoice".parse()?,
        event_type: "INVOICE_INVOICE".into(),
        secret: ratepay::SigningSecret::generate(), // 64 characters or more by construction
    };
    let subscription = ratepay
        .update_subscription(&"d8znR1k1_0Kw305BsoPT".parse()?, &body)
        .await?;

    drop((key, subscription));
    Ok(())
}

/// The same for the methods of clients, builders and errors that have names of their own there.
#[allow(dead_code)]
async fn methods(
    ratepay: ratepay::Client,
    pandadoc: pandadoc::Client,
    id: uuid::Uuid,
) -> Result<(), Box<dyn std::error::Error>> {
    use std::time::Duration;
    use webhook_subscriptions::{Outcome, RetryPolicy};

    let pandadoc = pandadoc.with_retry(RetryPolicy::none());
    let ratepay = ratepay.with_retry(RetryPolicy::default());
    let _ = ratepay::Client::builder()
        .base_url("https://gateway.example")
        .timeout(Duration::from_secs(1))
        .retry(RetryPolicy::default());
    ratepay.list_subscriptions().await?;
    let Err(error) = pandadoc.details_webhook_subscription(&id).await else {
        return Ok(());
    };
    // Every outcome has a name, and there is no other.
    match error.outcome() {
        Outcome::NotSent | Outcome::Rejected | Outcome::Unknown | Outcome::Applied => {}
    }
    let _ = (error.kind(), error.status(), error.headers(), error.body());
    let _ = (error.retry_after(), error.request_id(), error.attempts());
    let problem = error.problem();
    let _ = (problem.name(), problem.message(), problem.fields());
    let _ = problem.info_message();
    for link in problem.links() {
        let _ = (link.rel(), link.href(), link.method());
    }
    Ok(())
}

/// Errors of other crates stay inside errors of this crate, so their versions can change without a new major
/// version of this one.
#[allow(dead_code)]
fn wrapped_errors(build: BuildError, url: WebhookUrlError) {
    if let BuildError::HttpClient(source) = build {
        let _: Box<dyn std::error::Error + Send + Sync> = source;
    }
    if let WebhookUrlError::NotAbsolute(syntax) = url {
        let _: UrlSyntax = syntax;
    }
    let _: Result<SigningSecret, RandomnessError> = SigningSecret::try_generate();
}

#[test]
fn the_public_face_compiles_as_it_stands() {
    // The test is that this file compiles.
}
