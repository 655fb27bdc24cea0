//! A record that doesn't fit on the disk is an error. The old record stays, and a record that fits is stored.
//!
//! The operating system limits how many bytes a process can write to a file. Like a full disk, it fails the write
//! that exceeds the limit in the middle.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use tempfile::tempdir;
use webhook_subscriptions::rotate::{FileStore, Store, StoredRecord, SwapError};
use webhook_subscriptions::Secret;

use crate::stores::{record, SUBSCRIPTION};

/// Names the folder to the process with the limit.
const FOLDER: &str = "TEST_FULL_DISK_FOLDER";

#[test]
fn a_record_that_does_not_fit_is_an_error_and_the_old_one_stays() {
    let folder = tempdir().unwrap();
    // One block, which is 512 or 1024 bytes. Without the trap, the process would be killed.
    let limited =
        r#"trap '' XFSZ; ulimit -f 1; exec "$0" --exact full_disk::with_the_limit --ignored"#;
    let output = Command::new("sh")
        .args(["-c", limited])
        .arg(env::current_exe().unwrap())
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed"), "{text}");
}

#[tokio::test]
#[ignore = "another test runs it in a process of its own"]
async fn with_the_limit() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let store = FileStore::open(folder).unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();

    let too_long = StoredRecord {
        version: 2,
        document: Secret::from("x".repeat(4000)),
    };
    let error = store.swap(SUBSCRIPTION, &too_long).await.unwrap_err();

    assert!(matches!(error, SwapError::Failed(_)));
    let path = folder.join(format!("{SUBSCRIPTION}.new"));
    assert!(
        !fs::exists(path).unwrap(),
        "the part that was written is removed"
    );
    assert_eq!(store.load(SUBSCRIPTION).await.unwrap(), Some(record(1)));
    store.swap(SUBSCRIPTION, &record(2)).await.unwrap();
    assert_eq!(store.load(SUBSCRIPTION).await.unwrap(), Some(record(2)));
}
