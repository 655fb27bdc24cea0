//! A database whose transactions are serializable rejects some for no fault of theirs. The store retries them.

use webhook_subscriptions::rotate::{PostgresStore, Store, SwapError};

use crate::stores::{connect, record, store, version, SUBSCRIPTION};

/// Stores this many versions, and returns how many swaps another replica forestalled.
async fn count_up(store: &PostgresStore, swaps: u64) -> u64 {
    let (mut done, mut conflicts) = (0, 0);
    while done < swaps {
        let next = record(version(store).await + 1);
        match store.swap(SUBSCRIPTION, &next).await {
            Ok(()) => done += 1,
            Err(SwapError::Conflict) => conflicts += 1,
            Err(SwapError::Failed(error)) => panic!("{error}"),
        }
    }
    conflicts
}

#[tokio::test]
async fn no_swap_is_lost_or_fails_under_any_isolation() {
    for isolation in ["read\\ committed", "repeatable\\ read", "serializable"] {
        let (one, mut config) = store().await;
        config.options(format!("-c default_transaction_isolation={isolation}"));
        let [a, b, c] = [connect(&config).await, connect(&config).await, one];
        let conflicts = tokio::join!(count_up(&a, 40), count_up(&b, 40), count_up(&c, 40));
        assert_eq!(version(&c).await, 120, "{isolation}");
        let conflicts = conflicts.0 + conflicts.1 + conflicts.2;
        assert!(conflicts > 0, "the replicas didn't meet: {isolation}");
    }
}
