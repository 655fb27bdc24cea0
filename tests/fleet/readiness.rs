//! A replica that can't renew its lease isn't ready any more before the lease ends, although it can read its record.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::Client;
use webhook_subscriptions::testing::Simulator;
use webhook_subscriptions::Rotation;

use crate::postgres;
use crate::stores::{store, until};

/// Lets others read the leases, and nobody change them.
const LOCK: &str = "BEGIN; LOCK TABLE webhook_subscriptions_replicas IN EXCLUSIVE MODE";

/// Some polls.
const SOON: Duration = Duration::from_secs(15);

async fn has_lease(reader: &Client) -> bool {
    let leases =
        "SELECT count(*) FROM webhook_subscriptions_replicas WHERE lease_until > clock_timestamp()";
    let leases: i64 = reader.query_one_scalar(leases, &[]).await.unwrap();
    leases == 1
}

#[tokio::test]
async fn a_replica_is_ready_only_while_it_has_a_lease() {
    let (store, config) = store().await;
    let simulator = Simulator::start().await.unwrap();
    let pandadoc = simulator.pandadoc();
    let id = pandadoc.add_subscription(&"https://shop.example/hooks".parse().unwrap());
    let client = pandadoc.client_builder().build().unwrap();
    let rotation = Rotation::pandadoc(client, id).store(store);
    let rotation = rotation.start().await.unwrap();
    tokio::spawn(rotation.clone().run());

    let (reader, locker) = tokio::join!(postgres::connect(&config), postgres::connect(&config));
    until(async || has_lease(&reader).await).await;
    until(async || rotation.is_ready()).await;

    locker.batch_execute(LOCK).await.unwrap();
    until(async || !rotation.is_ready()).await;
    assert!(has_lease(&reader).await);

    locker.batch_execute("COMMIT").await.unwrap();
    let ready = until(async || rotation.is_ready());
    timeout(SOON, ready).await.expect("it isn't ready again");
    assert!(has_lease(&reader).await);
}
