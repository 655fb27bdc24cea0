//! Only the service's user has access to a record: others can neither read it nor put another one in its place.

use std::fs::{self, Permissions};
use std::os::unix::fs::{symlink, PermissionsExt};
use std::path::Path;

use tempfile::{tempdir, TempDir};
use webhook_subscriptions::rotate::{FileStore, Store, SwapError};

use crate::stores::{record, version, SUBSCRIPTION};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

async fn stored() -> (TempDir, FileStore) {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    (folder, store)
}

/// Asserts that the record can neither be loaded nor replaced by one of this version.
async fn assert_refused(store: &FileStore, version: u64) {
    store.load(SUBSCRIPTION).await.unwrap_err();
    let swapped = store.swap(SUBSCRIPTION, &record(version)).await;
    assert!(matches!(swapped, Err(SwapError::Failed(_))), "{swapped:?}");
}

#[tokio::test]
async fn the_folder_and_its_files_are_created_for_this_user_alone() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("keys");
    let store = FileStore::open(&path).unwrap();
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    store.swap(SUBSCRIPTION, &record(2)).await.unwrap();
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join(SUBSCRIPTION)), 0o600);
    assert_eq!(mode(&path.join(".lock")), 0o600);
}

#[tokio::test]
async fn a_file_that_others_may_read_or_write_is_refused() {
    let (folder, store) = stored().await;
    let path = folder.path().join(SUBSCRIPTION);
    for mode in [0o640, 0o620, 0o604, 0o602, 0o644, 0o660] {
        set_mode(&path, mode);
        assert_refused(&store, 2).await;
    }
    set_mode(&path, 0o600);
    assert_eq!(version(&store).await, 1);
}

#[tokio::test]
async fn a_folder_that_others_may_write_to_is_refused() {
    let (folder, store) = stored().await;
    drop(store);
    for mode in [0o720, 0o702, 0o770, 0o777, 0o1777] {
        set_mode(folder.path(), mode);
        assert!(FileStore::open(folder.path()).is_err(), "{mode:o}");
    }
    set_mode(folder.path(), 0o755);
    FileStore::open(folder.path()).unwrap();
}

#[tokio::test]
async fn a_record_that_is_a_symbolic_link_is_refused() {
    let (folder, store) = stored().await;
    let path = folder.path().join(SUBSCRIPTION);
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    for target in [&*elsewhere, Path::new("/nowhere")] {
        symlink(target, &path).unwrap();
        assert_refused(&store, 1).await;
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn a_new_file_is_not_written_through_a_symbolic_link() {
    let (folder, store) = stored().await;
    let elsewhere = tempdir().unwrap();
    let target = elsewhere.path().join("target");
    fs::write(&target, "untouched").unwrap();
    symlink(&target, folder.path().join(format!("{SUBSCRIPTION}.new"))).unwrap();
    store.swap(SUBSCRIPTION, &record(2)).await.unwrap();
    assert_eq!(fs::read_to_string(target).unwrap(), "untouched");
}
