//! The simulator limits rates over a sliding minute, of the time that it is given.

use crate::support;

use std::time::Duration;

use webhook_subscriptions::pandadoc::types::ListWebhookEventRequest;
use webhook_subscriptions::pandadoc::Client;
use webhook_subscriptions::testing::{Clock, Operation, Simulator};
use webhook_subscriptions::{ClientBuilder, RetryPolicy};

async fn simulator(per_minute: Option<u32>) -> Simulator {
    let simulator = Simulator::builder()
        .clock(Clock::stopped())
        .pandadoc_requests_per_minute(per_minute);
    simulator.start().await.unwrap()
}

type Builder = ClientBuilder<Client>;

/// The status of one list, by a client of its own: one that was told to wait would wait.
async fn list(builder: Builder) -> u16 {
    let client = builder.retry(RetryPolicy::none()).build().unwrap();
    match client.list_webhook_subscriptions().await {
        Ok(answer) => answer.status().as_u16(),
        Err(error) => error.status().expect("a status").as_u16(),
    }
}

#[tokio::test]
async fn a_sandbox_key_has_10_requests_a_minute() {
    let simulator = simulator(None).await;
    let pandadoc = simulator.pandadoc();
    let builder = || {
        pandadoc
            .client_builder()
            .api_key(pandadoc.sandbox_api_key())
    };
    let mut granted = 0;
    while list(builder()).await == 200 {
        granted += 1;
    }
    assert_eq!(granted, 10);
}

#[tokio::test]
async fn the_minute_slides() {
    let simulator = simulator(Some(2)).await;
    let builder = || simulator.pandadoc().client_builder();
    let mut seen = vec![list(builder()).await];
    simulator.clock().advance(Duration::from_secs(30));
    seen.extend([list(builder()).await, list(builder()).await]);
    // The first is a minute old, the second is not.
    simulator.clock().advance(Duration::from_secs(30));
    seen.extend([list(builder()).await, list(builder()).await]);
    assert_eq!(seen, [200, 200, 429, 200, 429]);
}

#[tokio::test]
async fn who_is_refused_is_told_when_there_is_room() {
    let simulator = simulator(Some(1)).await;
    let client = simulator
        .pandadoc()
        .client_builder()
        .retry(RetryPolicy::none());
    let client = client.build().unwrap();
    client.list_webhook_subscriptions().await.unwrap();
    simulator.clock().advance(Duration::from_millis(17_500));
    let error = client.list_webhook_subscriptions().await.unwrap_err();
    // 42.5 seconds, rounded up.
    assert_eq!(error.retry_after(), Some(Duration::from_secs(43)));
}

#[tokio::test]
async fn each_operation_has_a_limit_of_its_own() {
    let simulator = simulator(Some(1)).await;
    let client = simulator.pandadoc().client_builder().build().unwrap();
    client.list_webhook_subscriptions().await.unwrap();
    let other = client
        .list_webhook_event(&ListWebhookEventRequest::new(1, 1))
        .await;
    assert!(other.is_ok());
}

#[tokio::test]
async fn all_credentials_of_a_user_share_a_limit() {
    let simulator = simulator(Some(1)).await;
    let pandadoc = simulator.pandadoc();
    let with_token = pandadoc
        .client_builder()
        .access_token(pandadoc.access_token());
    let seen = [
        list(pandadoc.client_builder()).await,
        list(with_token).await,
    ];
    assert_eq!(seen, [200, 429]);
}

#[tokio::test]
async fn another_user_has_another_limit() {
    let simulator = simulator(Some(1)).await;
    let pandadoc = simulator.pandadoc();
    let member = pandadoc.client_builder().api_key(pandadoc.member_api_key());
    let seen = [list(pandadoc.client_builder()).await, list(member).await];
    assert_eq!(seen, [200, 200]);
}

#[tokio::test]
async fn without_a_limit_there_is_none() {
    let simulator = simulator(None).await;
    let client = simulator
        .pandadoc()
        .client_builder()
        .retry(RetryPolicy::none());
    let client = client.build().unwrap();
    // One more than the limit that there is unless another is set.
    for _ in 0..2_001 {
        client.list_webhook_subscriptions().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_running_clock_is_tokios_so_a_paused_one_takes_no_time() {
    support::run_clock_in_small_steps();
    let simulator = Simulator::builder().pandadoc_requests_per_minute(Some(1));
    let simulator = simulator.start().await.unwrap();
    let client = simulator.pandadoc().client_builder().build().unwrap();
    // The second is rejected, waits for its minute as it is told, and succeeds.
    client.list_webhook_subscriptions().await.unwrap();
    client.list_webhook_subscriptions().await.unwrap();
    let requests = simulator.requests(Operation::ListWebhookSubscriptions);
    assert_eq!(requests, 3);
}
