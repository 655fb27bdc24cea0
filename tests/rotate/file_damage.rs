//! A file that isn't the record of its subscription is an error, and never a missing record.
//! Nothing overwrites it.

use std::fs;

use tempfile::{tempdir, TempDir};
use webhook_subscriptions::rotate::{FileStore, Store, SwapError};

use crate::stores::{record, SUBSCRIPTION};

/// A folder with a record of version 1, which has these bytes.
async fn stored() -> (TempDir, FileStore, Vec<u8>) {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    let bytes = fs::read(folder.path().join(SUBSCRIPTION)).unwrap();
    (folder, store, bytes)
}

/// Puts these bytes in place of the record, and asserts that both operations fail.
async fn assert_fails(folder: &TempDir, store: &FileStore, bytes: &[u8]) {
    let path = folder.path().join(SUBSCRIPTION);
    fs::write(&path, bytes).unwrap();
    let shown = String::from_utf8_lossy(bytes);
    assert!(store.load(SUBSCRIPTION).await.is_err(), "{shown}");
    for version in [1, 2] {
        let swapped = store.swap(SUBSCRIPTION, &record(version)).await;
        assert!(matches!(swapped, Err(SwapError::Failed(_))), "{shown}");
    }
    assert_eq!(fs::read(path).unwrap(), bytes);
}

#[tokio::test]
async fn a_file_that_was_cut_anywhere_is_an_error() {
    let (folder, store, bytes) = stored().await;
    for length in 0..bytes.len() {
        assert_fails(&folder, &store, &bytes[..length]).await;
    }
}

#[tokio::test]
async fn a_file_with_another_byte_anywhere_is_an_error() {
    let (folder, store, bytes) = stored().await;
    let format = "webhook-subscriptions-record ".len();
    for position in (0..bytes.len()).filter(|position| *position != format) {
        let mut bytes = bytes.clone();
        bytes[position] ^= 1;
        assert_fails(&folder, &store, &bytes).await;
    }
}

#[tokio::test]
async fn a_file_with_more_behind_the_record_is_an_error() {
    let (folder, store, bytes) = stored().await;
    let longer = [&bytes, "\n".as_bytes()].concat();
    assert_fails(&folder, &store, &longer).await;
}

#[tokio::test]
async fn bytes_that_are_not_text_are_an_error() {
    let (folder, store, _) = stored().await;
    assert_fails(&folder, &store, &[0; 200]).await;
    assert_fails(&folder, &store, &[0xff; 200]).await;
}

#[tokio::test]
async fn a_newer_format_is_an_error() {
    let (folder, store, _) = stored().await;
    let bytes = b"webhook-subscriptions-record 2 something new\n{}";
    assert_fails(&folder, &store, bytes).await;
}

#[tokio::test]
async fn the_record_of_another_subscription_is_an_error() {
    let (folder, store, _) = stored().await;
    let other = "ratepay-d8znR1k1_0Kw305BsoPT";
    store.swap(other, &record(1)).await.unwrap();
    let bytes = fs::read(folder.path().join(other)).unwrap();
    assert_fails(&folder, &store, &bytes).await;
}

#[tokio::test]
async fn a_record_that_is_put_back_is_read_again() {
    let (folder, store, bytes) = stored().await;
    assert_fails(&folder, &store, b"").await;
    fs::write(folder.path().join(SUBSCRIPTION), bytes).unwrap();
    assert_eq!(store.load(SUBSCRIPTION).await.unwrap(), Some(record(1)));
}
