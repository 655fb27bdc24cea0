//! Stores, and records for them, which the tests of this folder share.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Config, NoTls};
use webhook_subscriptions::rotate::{PostgresStore, SealingKey, Store, StoredRecord};
use webhook_subscriptions::Secret;

use crate::postgres::Server;

pub const SUBSCRIPTION: &str = "ratepay-d8znR1k1_0Kw305BsoPT";

/// More time than anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for this, or fails.
pub async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("nothing happens")
}

/// Tries this until it is true.
pub async fn until(mut is_true: impl AsyncFnMut() -> bool) {
    in_time(async {
        while !is_true().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// Connects to a database whose tables may be missing.
pub async fn connect(config: &Config) -> PostgresStore {
    let key = SealingKey::from([1; 32]);
    in_time(PostgresStore::connect(config.clone(), NoTls, key))
        .await
        .unwrap()
}

/// A database with tables, and a store in it.
pub async fn store() -> (PostgresStore, Config) {
    let config = Server::shared().database().await;
    let store = connect(&config).await;
    store.migrate().await.unwrap();
    (store, config)
}

/// A record of this version, whose document says so.
pub fn record(version: u64) -> StoredRecord {
    StoredRecord {
        version,
        document: Secret::from(format!("the document of version {version}")),
    }
}

/// Returns the stored version, or 0 if there is none.
pub async fn version(store: &impl Store) -> u64 {
    let record = store.load(SUBSCRIPTION).await.unwrap();
    record.map_or(0, |record| record.version)
}
