//! The privileges that the documentation names are enough.

use webhook_subscriptions::rotate::Store;

use crate::postgres;
use crate::stores::{connect, in_time, record, store, SUBSCRIPTION};

/// As in the documentation of `PostgresStore`.
const GRANTS: &str = "
    GRANT SELECT ON webhook_subscriptions_schema TO shop;
    GRANT SELECT, INSERT, UPDATE ON webhook_subscriptions_records TO shop;
    GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_subscriptions_replicas TO shop;
";

#[tokio::test]
async fn a_role_with_the_documented_privileges_can_do_everything() {
    let (_, mut config) = store().await;
    let client = postgres::connect(&config).await;
    client
        .batch_execute("CREATE ROLE shop LOGIN")
        .await
        .unwrap();
    client.batch_execute(GRANTS).await.unwrap();
    config.user("shop");
    let store = connect(&config).await;
    store.migrate().await.unwrap();
    in_time(store.changed(SUBSCRIPTION, 0)).await;
    for version in 1..=2 {
        store.swap(SUBSCRIPTION, &record(version)).await.unwrap();
        store.acknowledge(SUBSCRIPTION, version).await.unwrap();
    }
    assert!(store.is_acknowledged(SUBSCRIPTION, 2).await.unwrap());
    // The poll renews the lease.
    let renewed = "UPDATE webhook_subscriptions_replicas SET lease_until = now() - interval '1 s'";
    client.batch_execute(renewed).await.unwrap();
    let is_valid = "SELECT lease_until > now() FROM webhook_subscriptions_replicas";
    crate::stores::until(async || client.query_one_scalar(is_valid, &[]).await.unwrap()).await;
}
