//! A client shares its state with its clones, and with no other client of the process.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{
    self, response, run_clock_in_small_steps, Operation, Script, Server, SUBSCRIPTION_ID,
};
use tokio::task::JoinSet;
use webhook_subscriptions::ratepay::oauth::ClientCredentials;
use webhook_subscriptions::ratepay::{self, Environment};
use webhook_subscriptions::{CredentialSource, RetryPolicy};

async fn update(client: &ratepay::Client) -> bool {
    let id = SUBSCRIPTION_ID.parse().unwrap();
    client
        .update_subscription(&id, &support::subscription())
        .await
        .is_ok()
}

fn client(api: &Server, source: impl CredentialSource) -> ratepay::Client {
    ratepay::Client::builder()
        .base_url(api.base_url())
        .credential_source(source)
        .build()
        .unwrap()
}

fn credentials(tokens: &Server) -> ClientCredentials {
    let oauth = ratepay::oauth::Client::builder()
        .base_url(tokens.base_url())
        .build()
        .unwrap();
    oauth.client_credentials(Environment::Integration, "id", "secret")
}

async fn servers() -> (Server, Server) {
    let api = Server::answering(response(200, &[], Operation::Subscription.success())).await;
    let token = r#"{"access_token":"token","expires_in":1800}"#;
    (api, Server::answering(response(200, &[], token)).await)
}

#[tokio::test]
async fn a_client_and_its_clone_share_a_token() {
    let (api, mut tokens) = servers().await;
    let client = client(&api, credentials(&tokens));
    update(&client).await;
    update(&client.clone()).await;
    assert_eq!(tokens.requests(), 1);
}

#[tokio::test]
async fn two_clients_have_a_token_each() {
    let (api, mut tokens) = servers().await;
    update(&client(&api, credentials(&tokens))).await;
    update(&client(&api, credentials(&tokens))).await;
    assert_eq!(tokens.requests(), 2);
}

#[tokio::test]
async fn two_clients_that_are_given_one_source_share_its_token() {
    let (api, mut tokens) = servers().await;
    let shared = Arc::new(credentials(&tokens));
    update(&client(&api, shared.clone())).await;
    update(&client(&api, shared)).await;
    assert_eq!(tokens.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_policy_for_one_call_leaves_the_client_as_it_was() {
    run_clock_in_small_steps();
    let mut server = Server::start(Script::close()).await;
    let client = support::ratepay(&server.base_url(), support::PATIENCE);
    update(&client.with_retry(RetryPolicy::default().attempts(3))).await;
    update(&client).await;
    assert_eq!(server.requests(), 3 + 1);
}

#[tokio::test(start_paused = true)]
async fn one_client_does_not_use_up_the_retries_of_another() {
    run_clock_in_small_steps();
    let mut server = Server::start(Script::close()).await;
    // No pause between retries, so that the budget gets nothing back in between.
    let policy = RetryPolicy::default()
        .attempts(3)
        .first_backoff(Duration::ZERO);
    let busy = support::ratepay(&server.base_url(), support::PATIENCE).with_retry(policy);
    let mut calls = JoinSet::new();
    for _ in 0..1_000 {
        let busy = busy.clone();
        calls.spawn(async move { update(&busy).await });
    }
    calls.join_all().await;
    server.requests();
    update(&busy).await;
    let of_the_busy_one = server.requests();
    update(&support::ratepay(&server.base_url(), support::PATIENCE).with_retry(policy)).await;
    assert_eq!((of_the_busy_one, server.requests()), (1, 3));
}
