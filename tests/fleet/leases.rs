//! A new secret waits for every replica that is alive, and for none that is gone.

use tokio_postgres::{Client, Config};
use webhook_subscriptions::rotate::{PostgresStore, Store};

use crate::postgres;
use crate::stores::{connect, in_time, record, store, until, SUBSCRIPTION};

const EXPIRE: &str =
    "UPDATE webhook_subscriptions_replicas SET lease_until = now() - interval '1 s'";

/// Two replicas that have acknowledged version 1 of a record. The first one has acknowledged version 2.
async fn two_replicas() -> (PostgresStore, PostgresStore, Config) {
    let (one, config) = store().await;
    let other = connect(&config).await;
    one.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    for replica in [&one, &other] {
        replica.acknowledge(SUBSCRIPTION, 1).await.unwrap();
    }
    one.swap(SUBSCRIPTION, &record(2)).await.unwrap();
    one.acknowledge(SUBSCRIPTION, 2).await.unwrap();
    (one, other, config)
}

async fn is_acknowledged(store: &PostgresStore) -> bool {
    store.is_acknowledged(SUBSCRIPTION, 2).await.unwrap()
}

async fn count(client: &Client) -> i64 {
    let count = "SELECT count(*) FROM webhook_subscriptions_replicas";
    client.query_one_scalar(count, &[]).await.unwrap()
}

#[tokio::test]
async fn a_replica_with_an_older_version_is_waited_for() {
    let (one, _other, _) = two_replicas().await;
    assert!(!is_acknowledged(&one).await);
}

#[tokio::test]
async fn a_replica_with_the_version_is_not_waited_for() {
    let (one, other, _) = two_replicas().await;
    other.acknowledge(SUBSCRIPTION, 2).await.unwrap();
    assert!(is_acknowledged(&one).await);
}

#[tokio::test]
async fn a_replica_that_is_gone_is_not_waited_for_once_its_lease_has_expired() {
    let (one, other, config) = two_replicas().await;
    drop(other);
    let client = postgres::connect(&config).await;
    assert!(!is_acknowledged(&one).await);
    client.batch_execute(EXPIRE).await.unwrap();
    assert!(is_acknowledged(&one).await);
}

#[tokio::test]
async fn another_subscription_is_not_waited_for() {
    let (one, _other, _) = two_replicas().await;
    let other = "pandadoc-d173751d-0057-4d5c-ab75-49a670a4ca68";
    assert!(one.is_acknowledged(other, 2).await.unwrap());
}

#[tokio::test]
async fn the_lease_of_a_replica_that_follows_the_record_is_renewed() {
    let (one, other, config) = two_replicas().await;
    let client = postgres::connect(&config).await;
    client.batch_execute(EXPIRE).await.unwrap();
    tokio::spawn(async move {
        loop {
            other.changed(SUBSCRIPTION, 2).await;
            other.load(SUBSCRIPTION).await.unwrap();
        }
    });
    until(async || !is_acknowledged(&one).await).await;
}

#[tokio::test]
async fn a_replica_whose_lease_is_gone_is_woken_to_acknowledge_again() {
    let (_, other, config) = two_replicas().await;
    let client = postgres::connect(&config).await;
    let delete = "DELETE FROM webhook_subscriptions_replicas";
    client.batch_execute(delete).await.unwrap();
    in_time(other.changed(SUBSCRIPTION, 2)).await;
}

#[tokio::test]
async fn replicas_that_are_long_gone_are_forgotten() {
    let (one, _, config) = two_replicas().await;
    let client = postgres::connect(&config).await;
    let gone = "INSERT INTO webhook_subscriptions_replicas
                VALUES ($1, 'gone', 1, now() - interval '25 h'), ($1, 'going', 1, now() - interval '23 h')";
    client.execute(gone, &[&SUBSCRIPTION]).await.unwrap();
    assert_eq!(count(&client).await, 4);
    one.acknowledge(SUBSCRIPTION, 2).await.unwrap();
    assert_eq!(count(&client).await, 3);
}
