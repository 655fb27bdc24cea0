//! A `MemoryStore` does what its faults say.

use webhook_subscriptions::rotate::{Store, SwapError};
use webhook_subscriptions::testing::{MemoryStore, StoreFault};

use crate::stores::{record, version, SUBSCRIPTION};

async fn swap(store: &MemoryStore, version: u64) -> Result<(), SwapError> {
    store.swap(SUBSCRIPTION, &record(version)).await
}

/// A store with a record of version 2.
async fn stored() -> MemoryStore {
    let store = MemoryStore::new();
    swap(&store, 1).await.unwrap();
    swap(&store, 2).await.unwrap();
    store
}

#[tokio::test]
async fn a_fault_of_a_swap_answers_as_it_says() {
    let faults = [
        (StoreFault::conflict(), "Conflict", 2),
        (StoreFault::fail_before_storing(), "Failed", 2),
        (StoreFault::fail_after_storing(), "Failed", 3),
        (StoreFault::unavailable(), "Failed", 2),
    ];
    for (fault, answer, stored_version) in faults {
        let store = stored().await;
        let injected = store.inject(fault.clone().once());
        let error = swap(&store, 3).await.unwrap_err();
        assert!(format!("{error:?}").starts_with(answer), "{fault:?}");
        assert_eq!(version(&store).await, stored_version, "{fault:?}");
        let hits = injected.hits();
        assert_eq!(hits.len(), 1, "{fault:?}");
        assert_eq!(
            (&*hits[0].subscription, hits[0].swap_to),
            (SUBSCRIPTION, Some(3))
        );
    }
}

#[tokio::test]
async fn a_store_is_unavailable_until_the_fault_is_removed() {
    let store = stored().await;
    let unavailable = store.inject(StoreFault::unavailable());
    store.load(SUBSCRIPTION).await.unwrap_err();
    store.load(SUBSCRIPTION).await.unwrap_err();
    swap(&store, 3).await.unwrap_err();
    unavailable.remove();
    assert_eq!(version(&store).await, 2);
    assert_eq!(unavailable.hits().len(), 3);
}

#[tokio::test]
async fn a_stale_load_returns_the_version_before() {
    let store = stored().await;
    store.inject(StoreFault::stale().once());
    assert_eq!(store.load(SUBSCRIPTION).await.unwrap(), Some(record(1)));
    assert_eq!(store.load(SUBSCRIPTION).await.unwrap(), Some(record(2)));
}

#[tokio::test]
async fn loads_and_swaps_are_counted() {
    let store = stored().await;
    version(&store).await;
    swap(&store, 9).await.unwrap_err();
    assert_eq!((store.loads(), store.swaps()), (1, 3));
}
