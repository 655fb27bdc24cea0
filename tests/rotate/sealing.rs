//! A sealed record opens only with its key, in its place, and unchanged. The store sees nothing of its text.

use std::fs;

use base64::prelude::{Engine, BASE64_URL_SAFE_NO_PAD};
use tempfile::tempdir;
use webhook_subscriptions::rotate::{
    FileStore, Sealed, SealingKey, Store, StoreError, StoredRecord,
};
use webhook_subscriptions::testing::MemoryStore;
use webhook_subscriptions::{BoxFuture, Secret};

use crate::stores::{record, SUBSCRIPTION};

const OTHER_SUBSCRIPTION: &str = "ratepay-d8znR1k1_0Kw305BsoPT";
const CANARY: &str = "canary-signing-key-93b7";

// The start of what is said. `sentences.txt` has the rest.
const NOT_SEALED: &str = "isn't sealed";
const OTHER_FORMAT: &str = "is sealed in another format";
const OTHER_KEY: &str = "is sealed with another key";
const CHANGED: &str = "was changed after it was sealed";

fn key(byte: u8) -> SealingKey {
    SealingKey::from([byte; 32])
}

/// Returns what is stored for `record(1)`, sealed with this key.
async fn sealed(key: SealingKey) -> String {
    let memory = MemoryStore::new();
    let store = Sealed::new(memory.clone(), key);
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    let stored = memory.load(SUBSCRIPTION).await.unwrap().unwrap();
    stored.document.expose_secret().to_owned()
}

/// Returns what the error says of the record, up to its first punctuation.
async fn refusal(store: &impl Store, subscription: &str) -> String {
    let text = store.load(subscription).await.unwrap_err().to_string();
    let (_, said) = text.split_once(&format!("`{subscription}` ")).unwrap();
    said.split([',', ';']).next().unwrap().to_owned()
}

/// Returns the error of opening this document with key 1.
async fn refusal_of(document: &str) -> String {
    let memory = MemoryStore::new();
    let document = Secret::from(document);
    let record = StoredRecord {
        version: 1,
        document,
    };
    memory.swap(SUBSCRIPTION, &record).await.unwrap();
    refusal(&Sealed::new(memory, key(1)), SUBSCRIPTION).await
}

#[tokio::test]
async fn no_file_has_the_text_of_a_sealed_record() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap().sealed(key(1));
    for version in 1..=3 {
        let document = Secret::from(CANARY);
        let record = StoredRecord { version, document };
        store.swap(SUBSCRIPTION, &record).await.unwrap();
    }
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let mut parts = bytes.windows(CANARY.len());
        assert!(!parts.any(|part| part == CANARY.as_bytes()));
    }
}

#[tokio::test]
async fn a_record_that_is_sealed_twice_is_another_text() {
    assert_ne!(sealed(key(1)).await, sealed(key(1)).await);
}

#[tokio::test]
async fn a_document_that_cannot_be_opened_is_an_error_that_says_why() {
    let genuine = sealed(key(1)).await;
    let (head, base64) = genuine.rsplit_once('.').unwrap();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(base64).unwrap();
    let with = |bytes: &[u8]| format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
    let cases = [
        ("plain text", "{}".to_owned(), NOT_SEALED),
        ("nothing", String::new(), NOT_SEALED),
        (
            "newer",
            genuine.replace("sealed-v1.", "sealed-v2."),
            OTHER_FORMAT,
        ),
        ("another key", sealed(key(2)).await, OTHER_KEY),
        ("only the start", "sealed-v1.".to_owned(), CHANGED),
        ("not base64", format!("{head}.?"), CHANGED),
        ("cut", with(&bytes[..bytes.len() - 1]), CHANGED),
        ("only the nonce", with(&bytes[..24]), CHANGED),
        ("less than the nonce", with(&bytes[..23]), CHANGED),
        ("longer", with(&[&bytes, &[0][..]].concat()), CHANGED),
    ];
    for (name, document, text) in cases {
        assert_eq!(refusal_of(&document).await, text, "{name}");
    }
}

#[tokio::test]
async fn another_bit_anywhere_is_an_error() {
    let genuine = sealed(key(1)).await;
    let (head, base64) = genuine.rsplit_once('.').unwrap();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(base64).unwrap();
    for position in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[position] ^= 1;
        let document = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(refusal_of(&document).await, CHANGED, "byte {position}");
    }
}

#[tokio::test]
async fn a_record_in_the_place_of_another_subscription_does_not_open() {
    let memory = MemoryStore::new();
    let store = Sealed::new(memory.clone(), key(1));
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    let stored = memory.load(SUBSCRIPTION).await.unwrap().unwrap();
    memory.swap(OTHER_SUBSCRIPTION, &stored).await.unwrap();
    assert_eq!(refusal(&store, OTHER_SUBSCRIPTION).await, CHANGED);
}

#[tokio::test]
async fn an_old_record_with_a_newer_version_does_not_open() {
    let memory = MemoryStore::new();
    let store = Sealed::new(memory.clone(), key(1));
    store.swap(SUBSCRIPTION, &record(1)).await.unwrap();
    let mut stored = memory.load(SUBSCRIPTION).await.unwrap().unwrap();
    stored.version = 2;
    memory.swap(SUBSCRIPTION, &stored).await.unwrap();
    assert_eq!(refusal(&store, SUBSCRIPTION).await, CHANGED);
}

#[tokio::test]
async fn a_previous_key_opens_records_and_seals_none() {
    let memory = MemoryStore::new();
    let old = Sealed::new(memory.clone(), key(1));
    old.swap(SUBSCRIPTION, &record(1)).await.unwrap();

    let both = Sealed::new(memory.clone(), key(2)).previous_key(key(1));
    assert_eq!(both.load(SUBSCRIPTION).await.unwrap(), Some(record(1)));
    both.swap(SUBSCRIPTION, &record(2)).await.unwrap();

    let new = Sealed::new(memory, key(2));
    assert_eq!(new.load(SUBSCRIPTION).await.unwrap(), Some(record(2)));
    assert_eq!(refusal(&old, SUBSCRIPTION).await, OTHER_KEY);
}

/// A store of a fleet, in which a replica hasn't acknowledged anything, and the record has always changed.
struct Fleet;

impl Store for Fleet {
    fn load<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        unreachable!()
    }

    fn swap<'a>(
        &'a self,
        _: &'a str,
        _: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), webhook_subscriptions::rotate::SwapError>> {
        unreachable!()
    }

    fn changed<'a>(&'a self, _: &'a str, _: u64) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn acknowledge<'a>(&'a self, _: &'a str, _: u64) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Err(StoreError::new("acknowledged")) })
    }

    fn is_acknowledged<'a>(
        &'a self,
        _: &'a str,
        _: u64,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async { Ok(false) })
    }
}

#[tokio::test]
async fn the_replicas_of_a_sealed_store_are_those_of_the_store_in_it() {
    let store = Sealed::new(Fleet, key(1));
    store.changed(SUBSCRIPTION, 1).await;
    store.acknowledge(SUBSCRIPTION, 1).await.unwrap_err();
    assert!(!store.is_acknowledged(SUBSCRIPTION, 1).await.unwrap());
}
