//! The contract of stores accepts the stores of this crate, and notices every promise that a store breaks.

mod flawed_store;

use tempfile::tempdir;
use webhook_subscriptions::rotate::{FileStore, Sealed, SealingKey};
use webhook_subscriptions::testing::{MemoryStore, StoreContract};

use self::flawed_store::Flaw::{self, *};
use self::flawed_store::FlawedStore;

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_store_keeps_it() {
    let store = MemoryStore::new();
    let contract = StoreContract::shared(async || store.clone());
    contract.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_memory_store_keeps_it() {
    let store = Sealed::new(MemoryStore::new(), SealingKey::generate());
    let contract = StoreContract::shared(async || store.clone());
    contract.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_store_keeps_it() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    let contract = StoreContract::of_one_process(async || store.clone());
    contract.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_file_store_keeps_it() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    let store = store.sealed(SealingKey::generate());
    let contract = StoreContract::of_one_process(async || store.clone());
    contract.check().await.unwrap();
}

/// A flaw, and the promise that it breaks.
const FLAWS: [(Flaw, &str); 30] = [
    (InventsRecords, "a record that was never stored is `None`"),
    (TrimsDocuments, "a record is loaded as it was stored"),
    (CutsLongDocuments, "a record is loaded as it was stored"),
    (ChangesLineBreaks, "a record is loaded as it was stored"),
    (LosesNonAscii, "a record is loaded as it was stored"),
    (StoresAnyVersion, "only the next version is stored"),
    (StoresLaterVersions, "only the next version is stored"),
    (StoresTheSameVersion, "only the next version is stored"),
    (ComparesVersionsAsText, "only the next version is stored"),
    (CutsVersionsTo32Bits, "only the next version is stored"),
    (FailsAtConflicts, "only the next version is stored"),
    (StoresConflicts, "a conflict changes nothing"),
    (IgnoresCase, "records of different names are separate"),
    (CutsNames, "records of different names are separate"),
    (MixesHyphens, "records of different names are separate"),
    (LoadsStale, "a load returns the newest record everywhere"),
    (
        ChecksBeforeItStores,
        "of swaps to one version, exactly one is stored",
    ),
    (LosesASwap, "processes that count up together lose no step"),
    (
        TearsDroppedSwaps,
        "a dropped swap stores its record whole or not at all",
    ),
    (
        LocksAfterDroppedSwaps,
        "a dropped swap stores its record whole or not at all",
    ),
    (LocksAfterDroppedLoads, "a dropped load does no harm"),
    (LocksAfterDroppedChanged, "a dropped `changed` does no harm"),
    (
        NeverNotices,
        "`changed` returns if another version is stored",
    ),
    (LooksOnce, "`changed` returns after another process swaps"),
    (
        NeedsARecordToWatch,
        "`changed` returns when the first record is stored",
    ),
    (
        AcknowledgesForAll,
        "an older version of one process isn't enough",
    ),
    (
        MixesAcknowledgements,
        "an older version of one process isn't enough",
    ),
    (
        FindsAcknowledgementsByPrefix,
        "a version is acknowledged once every process has it",
    ),
    (
        AcceptsOnlyTheVersion,
        "a version is acknowledged once every process has it",
    ),
    (WaitsForTheGone, "a process that is gone isn't waited for"),
];

// In time that passes at once, since some flaws are that a call never returns.
#[tokio::test(start_paused = true)]
async fn it_notices_the_promise_that_a_store_breaks() {
    for (flaw, promise) in FLAWS {
        let store = FlawedStore::new(flaw);
        let contract = StoreContract::shared(async || store.clone());
        let broken = contract.check().await.expect_err(promise);
        assert_eq!(broken.promise(), promise, "{flaw:?}: {broken}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_notices_that_the_only_process_has_not_acknowledged() {
    let store = FlawedStore::new(AcknowledgesNothing);
    let contract = StoreContract::of_one_process(async || store.clone());
    let broken = contract.check().await.unwrap_err();
    let promise = "the only process has acknowledged every version";
    assert_eq!(broken.promise(), promise, "{broken}");
}

#[tokio::test(start_paused = true)]
async fn the_store_without_a_flaw_keeps_it() {
    let store = FlawedStore::new(Flawless);
    let contract = StoreContract::shared(async || store.clone());
    contract.check().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_broken_promise_says_what_was_done_expected_and_found() {
    let store = FlawedStore::new(StoresTheSameVersion);
    let contract = StoreContract::shared(async || store.clone());
    let text = format!("{:?}", contract.check().await.unwrap_err());
    let (start, rest) = text.split_once('`').unwrap();
    let (_, end) = rest.split_once('`').unwrap();
    let expected = "the store breaks a promise: only the next version is stored
  done:     swap `...` to version 1 while version 1 is stored
  expected: `SwapError::Conflict`
  found:    the swap returned `Ok`";
    assert_eq!(format!("{start}`...`{end}"), expected);
}
