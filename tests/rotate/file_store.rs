//! A `FileStore` returns the record that was stored last, and stores a record only in place of the one before it.

use std::future::ready;

use tempfile::tempdir;
use webhook_subscriptions::rotate::{FileStore, Store, StoredRecord, SwapError};
use webhook_subscriptions::Secret;

use crate::stores::{record, version, SUBSCRIPTION};

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
async fn a_subscription_without_a_record_has_none() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    assert_eq!(
        store.load("ratepay-d8znR1k1_0Kw305BsoPT").await.unwrap(),
        None
    );
}

#[tokio::test]
async fn only_the_next_version_is_stored() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    for stored in 0..3 {
        for other in [0, stored, stored + 2, u64::MAX] {
            let swapped = store.swap(SUBSCRIPTION, &record(other)).await;
            assert!(
                matches!(swapped, Err(SwapError::Conflict)),
                "{other} after {stored}"
            );
            assert_eq!(version(&store).await, stored);
        }
        store.swap(SUBSCRIPTION, &record(stored + 1)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_clones_that_count_up_together_none_loses_a_step() {
    const CLONES: u64 = 4;
    const STEPS: u64 = 10;
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    let count = |store: FileStore| async move {
        let mut steps = 0;
        while steps < STEPS {
            let next = version(&store).await + 1;
            match store.swap(SUBSCRIPTION, &record(next)).await {
                Ok(()) => steps += 1,
                Err(SwapError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let clones = Vec::from_iter((0..CLONES).map(|_| tokio::spawn(count(store.clone()))));
    for clone in clones {
        clone.await.unwrap();
    }
    assert_eq!(version(&store).await, CLONES * STEPS);
}

#[tokio::test]
async fn a_swap_that_is_dropped_after_it_began_is_whole() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    for version in 1..=20 {
        let record = record(version);
        tokio::select! {
            biased;
            swapped = store.swap(SUBSCRIPTION, &record) => swapped.unwrap(),
            () = ready(()) => {}
        }
        assert_eq!(store.load(SUBSCRIPTION).await.unwrap(), Some(record));
    }
}

#[tokio::test]
async fn a_name_that_is_not_the_name_of_a_subscription_is_rejected() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    for name in [
        "", ".", "..", ".lock", "../keys", "a/b", "a.new", "ü", "a b", "a\0", "a\n",
    ] {
        let text = format!(
            "the store of the rotation failed: {name:?} can't be the name of a record; use only ASCII letters, \
             digits, `-` and `_`"
        );
        let error = store.load(name).await.unwrap_err();
        assert_eq!(error.to_string(), text);
        let error = store.swap(name, &record(1)).await.unwrap_err();
        assert_eq!(error.to_string(), text);
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
