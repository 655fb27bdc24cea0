//! A folder that a process uses can be opened once more to read its records, and not to change them.

use tempfile::tempdir;
use webhook_subscriptions::rotate::{FileStore, Store, SwapError};

use crate::stores::{record, SUBSCRIPTION};

#[tokio::test]
async fn the_record_of_a_folder_in_use_can_be_read() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    let reader = FileStore::open_read_only(folder.path());
    for version in 1..=2 {
        let stored = record(version);
        store.swap(SUBSCRIPTION, &stored).await.unwrap();
        assert_eq!(reader.load(SUBSCRIPTION).await.unwrap(), Some(stored));
    }
}

#[tokio::test]
async fn a_reader_changes_nothing() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    let reader = FileStore::open_read_only(folder.path());
    let refused = reader.swap(SUBSCRIPTION, &record(2)).await;
    assert!(matches!(refused, Err(SwapError::Failed(_))), "{refused:?}");
    assert_eq!(store.load(SUBSCRIPTION).await.unwrap(), Some(record(1)));
}

#[tokio::test]
async fn a_folder_is_not_created_to_read_it() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing");
    let loaded = FileStore::open_read_only(&missing).load(SUBSCRIPTION).await;
    assert_eq!((loaded.unwrap(), missing.exists()), (None, false));
}
