//! A store in memory.

use std::collections::HashMap;
use std::fmt;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::watch;

use crate::auth::BoxFuture;
use crate::rotate::{Store, StoreError, StoredRecord, SwapError};
use crate::testing::faults::injected_fault::{ActiveFaults, InjectedFault};
use crate::testing::faults::store_fault::{StoreFault, StoreFaultHit, StoreFaultKind};
use crate::testing::lock::lock;

/// A [`Store`] in memory, into which a test can inject faults.
///
/// Needs the feature `rotate`, besides `testing`.
///
/// Clones share the records and the faults, like processes that share a store. Each clone stands for a process of its
/// own, which is gone when the clone is dropped. A process counts for
/// [`is_acknowledged`](Store::is_acknowledged) from its first [`acknowledge`](Store::acknowledge) of a record on.
///
/// ```
/// use webhook_subscriptions::rotate::{Store, StoredRecord};
/// use webhook_subscriptions::testing::{MemoryStore, StoreFault};
/// use webhook_subscriptions::Secret;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let lost = store.inject(StoreFault::fail_after_storing().once());
/// let record = StoredRecord { version: 1, document: Secret::from("...") };
/// assert!(store.swap("ratepay-d8znR1k1_0Kw305BsoPT", &record).await.is_err());
/// assert_eq!(store.load("ratepay-d8znR1k1_0Kw305BsoPT").await?, Some(record));
/// assert_eq!(lost.hits().len(), 1);
/// # Ok(()) }
/// ```
#[derive(Default)]
pub struct MemoryStore {
    inner: Arc<Inner>,
    process: Arc<Process>,
}

/// The process that a clone stands for.
#[derive(Default)]
struct Process;

/// Processes, and the newest version of one record that each has acknowledged.
type Acknowledged = Vec<(Weak<Process>, u64)>;

#[derive(Default)]
struct Inner {
    /// Every version of each record, the newest last.
    records: watch::Sender<HashMap<String, Vec<StoredRecord>>>,
    /// By the name of the record.
    acknowledged: Mutex<HashMap<String, Acknowledged>>,
    faults: ActiveFaults<StoreFault, StoreFaultHit>,
    loads: AtomicUsize,
    swaps: AtomicUsize,
}

impl MemoryStore {
    /// Creates a store without records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Injects a fault.
    pub fn inject(&self, fault: StoreFault) -> InjectedFault<StoreFaultHit> {
        let times = fault.times;
        self.inner.faults.inject(fault, times)
    }

    /// Loses the newest `versions` versions of each record, like a database that fails over to a replica which lags.
    pub fn lose_newest(&self, versions: usize) {
        self.inner.records.send_modify(|records| {
            for stored in records.values_mut() {
                stored.truncate(stored.len().saturating_sub(versions));
            }
        });
    }

    /// Returns how many records were loaded so far, or couldn't be.
    #[must_use]
    pub fn loads(&self) -> usize {
        self.inner.loads.load(Ordering::SeqCst)
    }

    /// Returns how many swaps there were so far, with any result.
    #[must_use]
    pub fn swaps(&self) -> usize {
        self.inner.swaps.load(Ordering::SeqCst)
    }

    /// Returns the fault that happens to this load or swap.
    fn trigger(
        &self,
        subscription: &str,
        swap_to: Option<u64>,
        possible: &[StoreFaultKind],
    ) -> Option<StoreFaultKind> {
        let matches = |fault: &StoreFault| possible.contains(&fault.kind);
        let (fault, injected) = self.inner.faults.trigger(matches)?;
        injected.record(StoreFaultHit {
            subscription: subscription.to_owned(),
            swap_to,
        });
        Some(fault.kind)
    }

    fn acknowledge_now(&self, subscription: &str, version: u64) {
        let this = Arc::downgrade(&self.process);
        let mut acknowledged = lock(&self.inner.acknowledged);
        let versions = acknowledged.entry(subscription.to_owned()).or_default();
        match versions
            .iter_mut()
            .find(|(process, _)| process.ptr_eq(&this))
        {
            Some((_, newest)) => *newest = version.max(*newest),
            None => versions.push((this, version)),
        }
    }

    fn is_acknowledged_now(&self, subscription: &str, version: u64) -> bool {
        let acknowledged = lock(&self.inner.acknowledged);
        let versions = acknowledged
            .get(subscription)
            .map_or(&[][..], Vec::as_slice);
        let is_gone = |process: &Weak<Process>| process.strong_count() == 0;
        versions
            .iter()
            .all(|(process, newest)| *newest >= version || is_gone(process))
    }

    fn load_now(&self, subscription: &str) -> Result<Option<StoredRecord>, StoreError> {
        self.inner.loads.fetch_add(1, Ordering::SeqCst);
        let possible = [StoreFaultKind::Unavailable, StoreFaultKind::Stale];
        let age = match self.trigger(subscription, None, &possible) {
            Some(StoreFaultKind::Unavailable) => return Err(unavailable()),
            Some(_) => 1,
            None => 0,
        };
        let records = self.inner.records.borrow();
        let versions = records.get(subscription).map_or(&[][..], Vec::as_slice);
        let record = versions.iter().rev().nth(age).or(versions.first());
        Ok(record.cloned())
    }

    fn swap_now(&self, subscription: &str, record: &StoredRecord) -> Result<(), SwapError> {
        self.inner.swaps.fetch_add(1, Ordering::SeqCst);
        let possible = [
            StoreFaultKind::Conflict,
            StoreFaultKind::FailBeforeStoring,
            StoreFaultKind::FailAfterStoring,
            StoreFaultKind::Unavailable,
        ];
        let fault = self.trigger(subscription, Some(record.version), &possible);
        match fault {
            Some(StoreFaultKind::Conflict) => return Err(SwapError::Conflict),
            Some(StoreFaultKind::FailBeforeStoring) => {
                return Err(StoreError::new("a fault failed the swap before it was stored").into());
            }
            Some(StoreFaultKind::Unavailable) => return Err(unavailable().into()),
            _ => {}
        }
        let stored = self.inner.records.send_if_modified(|records| {
            let versions = records.entry(subscription.to_owned()).or_default();
            let is_next = newest(versions).checked_add(1) == Some(record.version);
            versions.extend(is_next.then(|| record.clone()));
            is_next
        });
        match (stored, fault) {
            (false, _) => Err(SwapError::Conflict),
            (true, Some(_)) => {
                Err(StoreError::new("a fault failed the swap after it was stored").into())
            }
            (true, None) => Ok(()),
        }
    }
}

impl Clone for MemoryStore {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            process: Arc::default(),
        }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = self.inner.records.borrow();
        let versions = records
            .iter()
            .map(|(name, versions)| (name, newest(versions)));
        f.debug_map().entries(versions).finish()
    }
}

impl Store for MemoryStore {
    fn load<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        Box::pin(async { self.load_now(subscription) })
    }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        Box::pin(async { self.swap_now(subscription, record) })
    }

    fn changed<'a>(&'a self, subscription: &'a str, version: u64) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut records = self.inner.records.subscribe();
            let has_changed = |records: &HashMap<String, Vec<StoredRecord>>| {
                records.get(subscription).map_or(0, |it| newest(it)) != version
            };
            // This can't fail: `self` owns the sender.
            records.wait_for(has_changed).await.ok();
        })
    }

    fn acknowledge<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.acknowledge_now(subscription, version);
        Box::pin(ready(Ok(())))
    }

    fn is_acknowledged<'a>(
        &'a self,
        subscription: &'a str,
        version: u64,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(ready(Ok(self.is_acknowledged_now(subscription, version))))
    }
}

/// Returns the newest version, or 0 if there is none.
fn newest(versions: &[StoredRecord]) -> u64 {
    versions.last().map_or(0, |record| record.version)
}

fn unavailable() -> StoreError {
    StoreError::new("a fault makes the store unavailable")
}
