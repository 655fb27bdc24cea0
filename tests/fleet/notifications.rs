//! A replica learns at once that another one changed a record, and within seconds if the notification is lost.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::Config;
use webhook_subscriptions::rotate::{PostgresStore, Store};

use crate::postgres;
use crate::stores::{connect, in_time, record, store, until, SUBSCRIPTION};

/// Less than the time between two polls.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A store that follows a record, and another one.
async fn two_replicas() -> (PostgresStore, PostgresStore, Config) {
    let (one, config) = store().await;
    let other = connect(&config).await;
    one.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    in_time(other.changed(SUBSCRIPTION, 1)).await;
    other.load(SUBSCRIPTION).await.unwrap();
    other.acknowledge(SUBSCRIPTION, 1).await.unwrap();
    (one, other, config)
}

/// Waits until both stores listen.
async fn both_listen(config: &Config) {
    let client = postgres::connect(config).await;
    let listening = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND query = 'LISTEN webhook_subscriptions'";
    until(async || {
        let count: i64 = client.query_one_scalar(listening, &[]).await.unwrap();
        count == 2
    })
    .await;
}

#[tokio::test]
async fn a_change_shows_at_once() {
    let (one, other, config) = two_replicas().await;
    both_listen(&config).await;
    // Several, since a poll may find one by chance.
    for version in 2..=8 {
        one.swap(SUBSCRIPTION, &record(version)).await.unwrap();
        let changed = timeout(AT_ONCE, other.changed(SUBSCRIPTION, version - 1)).await;
        assert!(changed.is_ok(), "version {version}");
        other.load(SUBSCRIPTION).await.unwrap();
    }
}

#[tokio::test]
async fn a_change_without_a_notification_shows_with_the_next_poll() {
    let (_, other, config) = two_replicas().await;
    let client = postgres::connect(&config).await;
    let change = "UPDATE webhook_subscriptions_records SET version = 2";
    client.batch_execute(change).await.unwrap();
    in_time(other.changed(SUBSCRIPTION, 1)).await;
}

#[tokio::test]
async fn nothing_shows_while_nothing_changes() {
    let (_one, other, _) = two_replicas().await;
    let changed = timeout(Duration::from_secs(7), other.changed(SUBSCRIPTION, 1)).await;
    assert!(changed.is_err());
}

#[tokio::test]
async fn a_listener_that_was_cut_off_listens_again() {
    let (one, other, config) = two_replicas().await;
    both_listen(&config).await;
    let client = postgres::connect(&config).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND query = 'LISTEN webhook_subscriptions'";
    client.batch_execute(cut).await.unwrap();
    both_listen(&config).await;
    for version in 2..=8 {
        one.swap(SUBSCRIPTION, &record(version)).await.unwrap();
        let changed = timeout(AT_ONCE, other.changed(SUBSCRIPTION, version - 1)).await;
        assert!(changed.is_ok(), "version {version}");
        other.load(SUBSCRIPTION).await.unwrap();
    }
}

#[tokio::test]
async fn both_connections_end_with_the_last_clone() {
    let (store, config) = store().await;
    let clone = store.clone();
    drop(store);
    clone.load(SUBSCRIPTION).await.unwrap();
    drop(clone);
    let client = postgres::connect(&config).await;
    let others = "SELECT count(*) FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    until(async || {
        let count: i64 = client.query_one_scalar(others, &[]).await.unwrap();
        count == 0
    })
    .await;
}
