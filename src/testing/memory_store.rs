//! A store in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use tokio::sync::watch;

use crate::auth::BoxFuture;
use crate::rotate::{Store, StoreError, StoredRecord, SwapError};
use crate::testing::faults::injected_fault::{ActiveFaults, InjectedFault};
use crate::testing::faults::store_fault::{StoreFault, StoreFaultHit, StoreFaultKind};

/// A [`Store`] in memory, into which a test can inject faults.
///
/// Clones share the records and the faults, like processes that share a store.
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
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Every version of each record, the newest last.
    records: watch::Sender<HashMap<String, Vec<StoredRecord>>>,
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
        self.0.faults.inject(fault, times)
    }

    /// Loses the newest `versions` versions of each record, like a database that fails over to a replica which lags.
    pub fn lose_newest(&self, versions: usize) {
        self.0.records.send_modify(|records| {
            for stored in records.values_mut() {
                stored.truncate(stored.len().saturating_sub(versions));
            }
        });
    }

    /// Returns how many records were loaded so far, or couldn't be.
    #[must_use]
    pub fn loads(&self) -> usize {
        self.0.loads.load(Ordering::SeqCst)
    }

    /// Returns how many swaps there were so far, with any result.
    #[must_use]
    pub fn swaps(&self) -> usize {
        self.0.swaps.load(Ordering::SeqCst)
    }

    /// Returns the fault that happens to this load or swap.
    fn trigger(
        &self,
        subscription: &str,
        swap_to: Option<u64>,
        possible: &[StoreFaultKind],
    ) -> Option<StoreFaultKind> {
        let matches = |fault: &StoreFault| possible.contains(&fault.kind);
        let (fault, injected) = self.0.faults.trigger(matches)?;
        injected.record(StoreFaultHit {
            subscription: subscription.to_owned(),
            swap_to,
        });
        Some(fault.kind)
    }

    fn load_now(&self, subscription: &str) -> Result<Option<StoredRecord>, StoreError> {
        self.0.loads.fetch_add(1, Ordering::SeqCst);
        let possible = [StoreFaultKind::Unavailable, StoreFaultKind::Stale];
        let age = match self.trigger(subscription, None, &possible) {
            Some(StoreFaultKind::Unavailable) => return Err(unavailable()),
            Some(_) => 1,
            None => 0,
        };
        let records = self.0.records.borrow();
        let versions = records.get(subscription).map_or(&[][..], Vec::as_slice);
        let record = versions.iter().rev().nth(age).or(versions.first());
        Ok(record.cloned())
    }

    fn swap_now(&self, subscription: &str, record: &StoredRecord) -> Result<(), SwapError> {
        self.0.swaps.fetch_add(1, Ordering::SeqCst);
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
        let stored = self.0.records.send_if_modified(|records| {
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

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = self.0.records.borrow();
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
            let mut records = self.0.records.subscribe();
            let has_changed = |records: &HashMap<String, Vec<StoredRecord>>| {
                records.get(subscription).map_or(0, |it| newest(it)) != version
            };
            // This can't fail: `self` owns the sender.
            records.wait_for(has_changed).await.ok();
        })
    }
}

/// Returns the newest version, or 0 if there is none.
fn newest(versions: &[StoredRecord]) -> u64 {
    versions.last().map_or(0, |record| record.version)
}

fn unavailable() -> StoreError {
    StoreError::new("a fault makes the store unavailable")
}
