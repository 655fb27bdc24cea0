//! A `FileStore` keeps its records when it is closed, accepts only names of subscriptions, and prints no document.

use tempfile::tempdir;
use webhook_subscriptions::rotate::{FileStore, Store, StoredRecord, SwapError};
use webhook_subscriptions::Secret;

use crate::stores::{record, SUBSCRIPTION};

#[tokio::test]
async fn a_record_is_there_when_the_folder_is_opened_again() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("keys");
    let stored = StoredRecord {
        version: 1,
        document: Secret::from("{\"key\": \"ü\"}\n\r\n\0 and more \n"),
    };
    let store = FileStore::open(&path).unwrap();
    store.swap(SUBSCRIPTION, &stored).await.unwrap();
    drop(store);
    let store = FileStore::open(&path).unwrap();
    assert_eq!(store.load(SUBSCRIPTION).await.unwrap(), Some(stored));
}

#[tokio::test]
async fn a_name_that_is_not_the_name_of_a_subscription_is_rejected() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    for name in [
        "", ".", "..", ".lock", "../keys", "a/b", "a.new", "ü", "a b", "a\0", "a\n",
    ] {
        assert!(store.load(name).await.is_err(), "{name:?}");
        let swapped = store.swap(name, &record(1)).await;
        assert!(matches!(swapped, Err(SwapError::Failed(_))), "{name:?}");
    }
}

#[tokio::test]
async fn neither_a_record_nor_a_store_prints_a_document() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    let printed = format!("{store:?} {:?}", record(1));
    let path = folder.path();
    let expected =
        format!("FileStore({path:?}) StoredRecord {{ version: 1, document: [REDACTED] }}");
    assert_eq!(printed, expected);
}
