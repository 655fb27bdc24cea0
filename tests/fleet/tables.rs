//! All replicas may create the tables at once. Tables that can't be used are an error that says what to do.

use webhook_subscriptions::rotate::{PostgresStore, Store};

use crate::postgres::{self, Server};
use crate::stores::{connect, record, store, version, SUBSCRIPTION};

#[tokio::test]
async fn eight_replicas_create_the_tables_at_once() {
    let config = Server::shared().database().await;
    let migrations = (0..8).map(|_| {
        let config = config.clone();
        tokio::spawn(async move { connect(&config).await.migrate().await })
    });
    for migration in Vec::from_iter(migrations) {
        migration.await.unwrap().unwrap();
    }
    assert_eq!(version(&connect(&config).await).await, 0);
}

#[tokio::test]
async fn creating_the_tables_again_keeps_the_records() {
    let (store, config) = store().await;
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    store.migrate().await.unwrap();
    let client = postgres::connect(&config).await;
    client.batch_execute(PostgresStore::SCHEMA).await.unwrap();
    assert_eq!(version(&store).await, 1);
}

#[tokio::test]
async fn an_administrator_can_create_the_tables() {
    let config = Server::shared().database().await;
    let client = postgres::connect(&config).await;
    client.batch_execute(PostgresStore::SCHEMA).await.unwrap();
    assert_eq!(version(&connect(&config).await).await, 0);
}

#[tokio::test]
async fn missing_tables_are_an_error_until_they_are_created() {
    let config = Server::shared().database().await;
    let store = connect(&config).await;
    let error = store.load(SUBSCRIPTION).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "the store of the rotation failed: the tables are missing; nothing was changed; call \
         `PostgresStore::migrate` once, or set the `search_path` to their schema"
    );
    // Another process creates them.
    connect(&config).await.migrate().await.unwrap();
    assert_eq!(version(&store).await, 0);
}

#[tokio::test]
async fn newer_tables_are_an_error() {
    let (_, config) = store().await;
    let client = postgres::connect(&config).await;
    let upgrade = "INSERT INTO webhook_subscriptions_schema VALUES (2)";
    client.batch_execute(upgrade).await.unwrap();
    let store = connect(&config).await;
    let text = "the store of the rotation failed: the tables have version 2, and this version of the crate knows \
                version 1; nothing was changed; upgrade the crate `webhook-subscriptions`";
    for error in [
        store.load(SUBSCRIPTION).await.unwrap_err(),
        store.migrate().await.unwrap_err(),
    ] {
        assert_eq!(error.to_string(), text);
    }
}

#[tokio::test]
async fn the_search_path_chooses_the_schema() {
    let mut config = Server::shared().database().await;
    let client = postgres::connect(&config).await;
    client.batch_execute("CREATE SCHEMA hooks").await.unwrap();
    config.options("-c search_path=hooks");
    let store = connect(&config).await;
    store.migrate().await.unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    let count = "SELECT count(*) FROM hooks.webhook_subscriptions_records";
    let count: i64 = client.query_one_scalar(count, &[]).await.unwrap();
    assert_eq!(count, 1);
}
