//! A store that several processes share, with one flaw.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::watch;
use tokio::task::yield_now;
use webhook_subscriptions::rotate::{Store, StoreError, StoredRecord, SwapError};
use webhook_subscriptions::{BoxFuture, Secret};

use Flaw::*;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Flaw {
    Flawless,
    InventsRecords,
    TrimsDocuments,
    CutsLongDocuments,
    ChangesLineBreaks,
    LosesNonAscii,
    StoresAnyVersion,
    StoresLaterVersions,
    StoresTheSameVersion,
    ComparesVersionsAsText,
    CutsVersionsTo32Bits,
    FailsAtConflicts,
    StoresConflicts,
    IgnoresCase,
    CutsNames,
    MixesHyphens,
    LoadsStale,
    ChecksBeforeItStores,
    LosesASwap,
    TearsDroppedSwaps,
    LocksAfterDroppedSwaps,
    LocksAfterDroppedLoads,
    LocksAfterDroppedChanged,
    NeverNotices,
    LooksOnce,
    NeedsARecordToWatch,
    AcknowledgesForAll,
    MixesAcknowledgements,
    FindsAcknowledgementsByPrefix,
    AcceptsOnlyTheVersion,
    WaitsForTheGone,
    AcknowledgesNothing,
}

pub struct FlawedStore {
    flaw: Flaw,
    shared: Arc<watch::Sender<Shared>>,
    process: Arc<Mutex<Process>>,
}

/// The state that only one process knows.
#[derive(Default)]
struct Process {
    loads: u64,
}

/// A process, and the version that it has acknowledged.
type Acknowledged = (Weak<Mutex<Process>>, u64);

#[derive(Default)]
struct Shared {
    /// The newest record and the one before it, by name.
    records: HashMap<String, [Option<StoredRecord>; 2]>,
    acknowledged: HashMap<String, Vec<Acknowledged>>,
    is_locked: bool,
}

impl FlawedStore {
    pub fn new(flaw: Flaw) -> Self {
        Self {
            flaw,
            shared: Arc::default(),
            process: Arc::default(),
        }
    }

    fn name(&self, name: &str) -> String {
        match self.flaw {
            IgnoresCase => name.to_lowercase(),
            CutsNames => name.chars().take(33).collect(),
            MixesHyphens => name.replace('-', "_"),
            _ => name.to_owned(),
        }
    }

    fn document(&self, document: &Secret) -> Secret {
        let text = document.expose_secret();
        Secret::from(match self.flaw {
            TrimsDocuments => text.trim_end().to_owned(),
            CutsLongDocuments => text.chars().take(1 << 16).collect(),
            ChangesLineBreaks => text.replace("\r\n", "\n"),
            LosesNonAscii => text.chars().filter(char::is_ascii).collect(),
            _ => return document.clone(),
        })
    }

    /// Returns whether a record of this version may follow the stored one.
    fn is_next(&self, stored: u64, version: u64) -> bool {
        let next = stored + 1;
        match self.flaw {
            StoresAnyVersion => true,
            StoresLaterVersions => version > stored,
            StoresTheSameVersion => version == next || (version == stored && stored > 0),
            ComparesVersionsAsText => version == next && version.to_string() > stored.to_string(),
            CutsVersionsTo32Bits => version as u32 == next as u32,
            _ => version == next,
        }
    }

    /// Waits once, and forever if a lock was left behind.
    async fn wait(&self) {
        yield_now().await;
        if self.shared.borrow().is_locked {
            pending().await
        }
    }

    /// Breaks something when it is dropped, if the store has this flaw.
    fn if_dropped<F: Fn(&mut Shared)>(&self, flaw: Flaw, breaks: F) -> OnDrop<'_, F> {
        OnDrop {
            store: self,
            breaks: (self.flaw == flaw).then_some(breaks),
        }
    }

    async fn load_now(&self, name: &str) -> Option<StoredRecord> {
        let mut guard = self.if_dropped(LocksAfterDroppedLoads, |shared| shared.is_locked = true);
        self.wait().await;
        guard.breaks = None;
        let mut process = self.process.lock().unwrap();
        process.loads += 1;
        let shared = self.shared.borrow();
        match shared.records.get(&self.name(name)).cloned() {
            Some([newest, before])
                if self.flaw == LoadsStale && process.loads.is_multiple_of(30) =>
            {
                before.or(newest)
            }
            Some([newest, _]) => newest,
            None if self.flaw == InventsRecords => Some(StoredRecord {
                version: 1,
                document: Secret::from("invented"),
            }),
            None => None,
        }
    }

    async fn swap_now(&self, name: &str, record: &StoredRecord) -> Result<(), SwapError> {
        let name = self.name(name);
        let mut torn = record.clone();
        torn.document = Secret::from(&record.document.expose_secret()[..1]);
        let mut tears = self.if_dropped(TearsDroppedSwaps, |shared| shared.store(&name, &torn));
        let mut locks = self.if_dropped(LocksAfterDroppedSwaps, |shared| shared.is_locked = true);
        let seen = self.shared.borrow().version(&name);
        self.wait().await;
        (tears.breaks, locks.breaks) = (None, None);
        let mut answer = Ok(());
        self.shared.send_modify(|shared| {
            let stored = match self.flaw {
                ChecksBeforeItStores => seen,
                _ => shared.version(&name),
            };
            let record = StoredRecord {
                version: record.version,
                document: self.document(&record.document),
            };
            let is_next = self.is_next(stored, record.version);
            let is_lost =
                self.flaw == LosesASwap && record.version == 50 && stored == 49 && shared.loses();
            if is_next && !is_lost {
                shared.store(&name, &record);
            } else if self.flaw == StoresConflicts && stored > 0 {
                let version = stored;
                shared.store(&name, &StoredRecord { version, ..record });
            }
            if !is_next {
                answer = Err(match self.flaw {
                    FailsAtConflicts => StoreError::new("duplicate key").into(),
                    _ => SwapError::Conflict,
                });
            }
        });
        answer
    }

    async fn changed_now(&self, name: &str, version: u64) {
        let _guard = self.if_dropped(LocksAfterDroppedChanged, |shared| shared.is_locked = true);
        let name = self.name(name);
        let is_changed = |shared: &Shared| shared.version(&name) != version;
        self.wait().await;
        let is_blind = match self.flaw {
            NeverNotices => true,
            LooksOnce => !is_changed(&self.shared.borrow()),
            NeedsARecordToWatch => self.shared.borrow().version(&name) == 0,
            _ => false,
        };
        match is_blind {
            true => pending().await,
            false => drop(self.shared.subscribe().wait_for(is_changed).await),
        }
    }

    fn acknowledge_now(&self, name: &str, version: u64) {
        let name = match self.flaw {
            MixesAcknowledgements => "",
            _ => name,
        };
        self.shared.send_modify(|shared| {
            let versions = shared.acknowledged.entry(name.to_owned()).or_default();
            let this = Arc::downgrade(&self.process);
            versions.retain(|(process, _)| !process.ptr_eq(&this));
            versions.push((this, version));
        });
    }

    fn is_acknowledged_now(&self, name: &str, version: u64) -> bool {
        let name = match self.flaw {
            MixesAcknowledgements => "",
            _ => name,
        };
        let shared = self.shared.borrow();
        let is_enough = |(process, acknowledged): &Acknowledged| match self.flaw {
            AcceptsOnlyTheVersion => *acknowledged == version,
            WaitsForTheGone => *acknowledged >= version,
            _ => *acknowledged >= version || process.strong_count() == 0,
        };
        let is_of_record = |found: &str| match self.flaw {
            FindsAcknowledgementsByPrefix => found.starts_with(name),
            _ => found == name,
        };
        let mut records = shared.acknowledged.iter();
        match self.flaw {
            AcknowledgesForAll => true,
            AcknowledgesNothing => false,
            _ => records
                .all(|(found, versions)| !is_of_record(found) || versions.iter().all(is_enough)),
        }
    }
}

impl Shared {
    fn version(&self, name: &str) -> u64 {
        let record = self
            .records
            .get(name)
            .and_then(|[newest, _]| newest.as_ref());
        record.map_or(0, |record| record.version)
    }

    fn store(&mut self, name: &str, record: &StoredRecord) {
        let [newest, before] = self.records.entry(name.to_owned()).or_default();
        *before = newest.replace(record.clone());
    }

    /// Returns `true` once, and keeps in mind that it did.
    fn loses(&mut self) -> bool {
        self.records
            .insert(String::new(), Default::default())
            .is_none()
    }
}

impl Clone for FlawedStore {
    fn clone(&self) -> Self {
        Self {
            flaw: self.flaw,
            shared: self.shared.clone(),
            process: Arc::default(),
        }
    }
}

struct OnDrop<'a, F: Fn(&mut Shared)> {
    store: &'a FlawedStore,
    breaks: Option<F>,
}

impl<F: Fn(&mut Shared)> Drop for OnDrop<'_, F> {
    fn drop(&mut self) {
        if let Some(breaks) = &self.breaks {
            self.store.shared.send_modify(breaks);
        }
    }
}

impl Store for FlawedStore {
    fn load<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        Box::pin(async { Ok(self.load_now(subscription).await) })
    }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        Box::pin(self.swap_now(subscription, record))
    }

    fn changed<'a>(&'a self, subscription: &'a str, version: u64) -> BoxFuture<'a, ()> {
        Box::pin(self.changed_now(subscription, version))
    }

    fn acknowledge<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.acknowledge_now(subscription, version);
            Ok(())
        })
    }

    fn is_acknowledged<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move { Ok(self.is_acknowledged_now(subscription, version)) })
    }
}
