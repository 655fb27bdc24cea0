//! A file that isn't the record of its subscription is an error that says what to do, and never a missing record.
//! Nothing overwrites it.

use std::fs;

use tempfile::{tempdir, TempDir};
use webhook_subscriptions::rotate::{FileStore, Store, SwapError};

use crate::stores::{record, SUBSCRIPTION};

const DAMAGED: &str = "isn't a whole record: it is empty, cut or changed; restore it from a backup";

/// A folder with a record of version 1, which has these bytes.
async fn stored() -> (TempDir, FileStore, Vec<u8>) {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    let bytes = fs::read(folder.path().join(SUBSCRIPTION)).unwrap();
    (folder, store, bytes)
}

/// Puts these bytes in place of the record, and asserts that both operations fail with this text.
async fn assert_fails(folder: &TempDir, store: &FileStore, bytes: &[u8], text: &str) {
    let path = folder.path().join(SUBSCRIPTION);
    fs::write(&path, bytes).unwrap();
    let shown = String::from_utf8_lossy(bytes);
    let text = format!(
        "the store of the rotation failed: `{}` {text}",
        path.display()
    );

    let error = store.load(SUBSCRIPTION).await.unwrap_err();
    assert_eq!(error.to_string(), text, "{shown}");
    for version in [1, 2] {
        let error = store
            .swap(SUBSCRIPTION, &record(version))
            .await
            .unwrap_err();
        assert!(matches!(error, SwapError::Failed(_)), "{shown}");
        assert_eq!(error.to_string(), text, "{shown}");
    }
    assert_eq!(fs::read(path).unwrap(), bytes);
}

#[tokio::test]
async fn a_file_that_was_cut_anywhere_is_an_error() {
    let (folder, store, bytes) = stored().await;
    for length in 0..bytes.len() {
        assert_fails(&folder, &store, &bytes[..length], DAMAGED).await;
    }
}

#[tokio::test]
async fn a_file_with_another_byte_anywhere_is_an_error() {
    let (folder, store, bytes) = stored().await;
    let format = "webhook-subscriptions-record ".len();
    for position in (0..bytes.len()).filter(|position| *position != format) {
        let mut bytes = bytes.clone();
        bytes[position] ^= 1;
        assert_fails(&folder, &store, &bytes, DAMAGED).await;
    }
}

#[tokio::test]
async fn a_file_with_more_behind_the_record_is_an_error() {
    let (folder, store, bytes) = stored().await;
    assert_fails(
        &folder,
        &store,
        &[&bytes, "\n".as_bytes()].concat(),
        DAMAGED,
    )
    .await;
}

#[tokio::test]
async fn bytes_that_are_not_text_are_an_error() {
    let (folder, store, _) = stored().await;
    assert_fails(&folder, &store, &[0; 200], DAMAGED).await;
    assert_fails(&folder, &store, &[0xff; 200], DAMAGED).await;
}

#[tokio::test]
async fn a_newer_format_is_an_error_that_says_so() {
    let (folder, store, _) = stored().await;
    let bytes = b"webhook-subscriptions-record 2 something new\n{}";
    let text =
        "has format 2, and this version of the crate reads format 1; use the version that wrote it";
    assert_fails(&folder, &store, bytes, text).await;
}

#[tokio::test]
async fn the_record_of_another_subscription_is_an_error() {
    let (folder, store, _) = stored().await;
    let other = "ratepay-d8znR1k1_0Kw305BsoPT";
    store.swap(other, &record(1)).await.unwrap();
    let bytes = fs::read(folder.path().join(other)).unwrap();
    let text = format!(
        "is the record of `{other}`; restore the record of the subscription that it is named after"
    );
    assert_fails(&folder, &store, &bytes, &text).await;
}

#[tokio::test]
async fn a_record_that_is_put_back_is_read_again() {
    let (folder, store, bytes) = stored().await;
    assert_fails(&folder, &store, b"", DAMAGED).await;
    fs::write(folder.path().join(SUBSCRIPTION), bytes).unwrap();
    assert_eq!(store.load(SUBSCRIPTION).await.unwrap(), Some(record(1)));
}
