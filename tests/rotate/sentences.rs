//! Errors of the rotation and its stores say what `sentences.txt` has. Other tests look at the kind of an error.

use std::fs::{self, Permissions};
use std::os::unix::fs::{symlink, PermissionsExt};
use std::path::Path;

use http::StatusCode;
use serde_json::{json, Value};
use tempfile::tempdir;
use webhook_subscriptions::rotate::{
    FileStore, MissedError, Sealed, SealingKey, SealingKeyError, StartError, Store, StoredRecord,
};
use webhook_subscriptions::testing::{Fault, MemoryStore, StoreFault};
use webhook_subscriptions::verify::PandaDoc;
use webhook_subscriptions::Secret;

use crate::recorded::{assert_recorded, line};
use crate::stores::{record, SUBSCRIPTION};
use crate::world::World;

/// Returns the sentences about folders that can't be opened.
fn folders(folder: &Path) -> Vec<String> {
    let error = |path: &Path| FileStore::open(path).unwrap_err();
    let parentless = folder.join("missing/keys");
    let opened_before = folder.join("opened");
    let _store = FileStore::open(&opened_before).unwrap();
    let open_to_others = folder.join("open");
    fs::create_dir(&open_to_others).unwrap();
    fs::set_permissions(&open_to_others, Permissions::from_mode(0o777)).unwrap();
    vec![
        line("a folder without a parent", error(&parentless)),
        line("a folder in use", error(&opened_before)),
        line("a folder that others may change", error(&open_to_others)),
    ]
}

/// Returns the sentences about files that aren't usable records.
async fn files(folder: &Path) -> Vec<String> {
    let store = FileStore::open(folder).unwrap();
    let path = folder.join(SUBSCRIPTION);
    let other = "ratepay-d8znR1k1_0Kw305BsoPT";
    store.swap(other, &record(1)).await.unwrap();
    let mut said = Vec::new();
    let mut note = async |situation: &str| {
        let error = store.load(SUBSCRIPTION).await.unwrap_err();
        said.push(line(situation, error));
        fs::remove_file(&path).unwrap();
    };

    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    note("a record that others may read").await;
    symlink("/nowhere", &path).unwrap();
    note("a symbolic link").await;
    for (situation, bytes) in [
        ("a damaged record", b"".to_vec()),
        (
            "a record of a newer format",
            b"webhook-subscriptions-record 2 any\n{}".to_vec(),
        ),
        (
            "a record of another subscription",
            fs::read(folder.join(other)).unwrap(),
        ),
    ] {
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        note(situation).await;
    }
    said
}

/// Returns the sentences about names and records that a `FileStore` rejects or can't write.
async fn swaps(folder: &Path) -> Vec<String> {
    let store = FileStore::open(folder).unwrap();
    let reader = FileStore::open_read_only(folder);
    let conflict = store.swap(SUBSCRIPTION, &record(2)).await;
    let read_only = reader.swap(SUBSCRIPTION, &record(1)).await;
    fs::create_dir(folder.join(format!("{SUBSCRIPTION}.new"))).unwrap();
    let unwritable = store.swap(SUBSCRIPTION, &record(1)).await;
    vec![
        line(
            "the name \"../keys\"",
            store.load("../keys").await.unwrap_err(),
        ),
        line("another version", conflict.unwrap_err()),
        line("a folder to read only", read_only.unwrap_err()),
        line("a file that can't be written", unwritable.unwrap_err()),
    ]
}

/// Returns the sentences about sealing keys, and about records that they don't open.
async fn sealing() -> Vec<String> {
    let key = |byte| SealingKey::from([byte; SealingKey::LENGTH]);
    let memory = MemoryStore::new();
    let sealed = Sealed::new(memory.clone(), key(1));
    sealed.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    let genuine = memory.load(SUBSCRIPTION).await.unwrap().unwrap();
    let genuine = genuine.document.expose_secret();
    let newer = genuine.replace("sealed-v1.", "sealed-v2.");
    let mut said = vec![
        line("a password", SealingKeyError::NotBase64),
        line("a short key", SealingKeyError::Length(31)),
    ];
    for (situation, document, key) in [
        ("a record that isn't sealed", "{}", key(1)),
        ("a record of a newer seal", &newer, key(1)),
        ("a record of another key", genuine, key(2)),
        ("a changed record", &genuine[..genuine.len() - 4], key(1)),
    ] {
        let memory = MemoryStore::new();
        let record = StoredRecord {
            version: 1,
            document: Secret::from(document),
        };
        memory.swap(SUBSCRIPTION, &record).await.unwrap();
        let store = Sealed::new(memory, key);
        said.push(line(situation, store.load(SUBSCRIPTION).await.unwrap_err()));
    }
    said
}

/// Returns the sentences about rotations that can't start.
async fn starts() -> Vec<String> {
    let mut said = vec![line("a key without characters", StartError::NoKey)];
    let world = World::<PandaDoc>::new().await;
    let refused = world
        .simulator
        .inject(Fault::html_in_front(StatusCode::FORBIDDEN));
    said.push(line("a refused read", start_error(&world).await));
    refused.remove();
    let fault = world.store.inject(StoreFault::unavailable());
    said.push(line("a store that is gone", start_error(&world).await));
    fault.remove();

    world.run().await.kill();
    let name = format!("pandadoc-{}", world.subscription);
    let good = world.store.load(&name).await.unwrap().unwrap();
    let good: Value = serde_json::from_str(good.document.expose_secret()).unwrap();
    let changed = |pointer: &str, to: Value| {
        let mut document = good.clone();
        *document.pointer_mut(pointer).unwrap() = to;
        document.to_string()
    };
    let documents = [
        ("a document of another program", "{}".to_owned()),
        ("a newer document", changed("/format", json!(2))),
        (
            "a document without keys",
            changed("/record/keys", json!([])),
        ),
        (
            "a document with an invisible key",
            changed("/record/keys/0/key", json!(" ")),
        ),
        ("a sealed document", "sealed-v1.any".to_owned()),
    ];
    for (version, (situation, document)) in (2..).zip(documents) {
        let document = Secret::from(document);
        let record = StoredRecord { version, document };
        world.store.swap(&name, &record).await.unwrap();
        said.push(line(situation, start_error(&world).await));
    }
    said
}

async fn start_error(world: &World<PandaDoc>) -> StartError {
    let builder = world.builder().store(world.store.clone());
    builder.start().await.unwrap_err()
}

/// Returns the sentences about requests that a rotation can't execute.
async fn requests() -> Vec<String> {
    let world = World::<PandaDoc>::new().await;
    let rotation = world.builder().store(world.store.clone()).start();
    let rotation = rotation.await.unwrap();
    let not_running = rotation.rotate_now().await.unwrap_err();
    world
        .simulator
        .inject(Fault::html_in_front(StatusCode::FORBIDDEN));
    let refused = rotation.missed(world.clock.now()).await.unwrap_err();
    vec![
        line("a rotation that doesn't run", not_running),
        line("a history that can't be read", refused),
        line("a history without an end", MissedError::TooLong),
    ]
}

/// Returns sentences with a placeholder for the folder, whose name differs each time.
async fn in_a_folder(said: impl AsyncFnOnce(&Path) -> Vec<String>) -> Vec<String> {
    let folder = tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let said = said(folder.path()).await.into_iter();
    said.map(|line| line.replace(path, "FOLDER")).collect()
}

#[tokio::test]
async fn every_error_sentence_is_the_recorded_one() {
    let said = [
        in_a_folder(async |folder| folders(folder)).await,
        in_a_folder(files).await,
        in_a_folder(swaps).await,
        sealing().await,
        starts().await,
        requests().await,
    ];
    assert_recorded("rotate/sentences.txt", said.concat(), &[]);
}
