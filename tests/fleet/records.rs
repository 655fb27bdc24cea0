//! Replicas change a record one after the other, and the database never sees a key.

use tokio_postgres::NoTls;
use webhook_subscriptions::rotate::{PostgresStore, SealingKey, Store, StoredRecord, SwapError};
use webhook_subscriptions::Secret;

use crate::postgres;
use crate::stores::{connect, record, store, version, SUBSCRIPTION};

const CANARY: &str = "canary-signing-key-93b7";

#[tokio::test]
async fn a_record_that_one_replica_stores_is_loaded_by_another() {
    let (one, config) = store().await;
    let other = connect(&config).await;
    one.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    assert_eq!(other.load(SUBSCRIPTION).await.unwrap(), Some(record(1)));
}

#[tokio::test]
async fn of_two_replicas_that_swap_at_once_one_succeeds() {
    let (one, config) = store().await;
    let other = connect(&config).await;
    for version in 1..=20 {
        let record = record(version);
        let (a, b) = tokio::join!(
            one.swap(SUBSCRIPTION, &record),
            other.swap(SUBSCRIPTION, &record)
        );
        let swapped = [a, b].map(|swapped| match swapped {
            Ok(()) => true,
            Err(SwapError::Conflict) => false,
            Err(SwapError::Failed(error)) => panic!("{error}"),
        });
        assert_ne!(swapped[0], swapped[1], "version {version}");
    }
}

#[tokio::test]
async fn only_the_next_version_is_stored() {
    let (store, _) = store().await;
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    store.swap(SUBSCRIPTION, &record(2)).await.unwrap();
    for other in [0, 1, 2, 4, u64::MAX] {
        let swapped = store.swap(SUBSCRIPTION, &record(other)).await;
        assert!(
            matches!(swapped, Err(SwapError::Conflict)),
            "version {other}"
        );
    }
    assert_eq!(version(&store).await, 2);
}

#[tokio::test]
async fn no_row_has_the_text_of_a_record() {
    let (store, config) = store().await;
    let document = Secret::from(CANARY);
    let record = StoredRecord {
        version: 1,
        document,
    };
    store.swap(SUBSCRIPTION, &record).await.unwrap();
    let select = "SELECT records::text FROM webhook_subscriptions_records AS records";
    let client = postgres::connect(&config).await;
    let row: String = client.query_one_scalar(select, &[]).await.unwrap();
    assert!(!row.contains(CANARY) && row.contains("sealed-v1."), "{row}");
}

#[tokio::test]
async fn a_previous_key_opens_a_record() {
    let (old, config) = store().await;
    old.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    let new = PostgresStore::connect(config, NoTls, SealingKey::from([2; 32])).await;
    let new = new.unwrap().previous_key(SealingKey::from([1; 32]));
    assert_eq!(new.load(SUBSCRIPTION).await.unwrap(), Some(record(1)));
}

#[tokio::test]
async fn no_text_of_a_store_has_a_password_or_a_key() {
    let (_, mut config) = store().await;
    config.password("canary-password-1");
    config.port(1);
    let key = SealingKey::from([1; 32]);
    let base64 = key.to_base64();
    let error = PostgresStore::connect(config.clone(), NoTls, key).await;
    let text = format!("{error:?} {config:?}");
    assert!(!text.contains("canary-password-1") && !text.contains(base64.expose_secret()));
}
