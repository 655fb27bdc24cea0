//! A test of any store: each promise of `Store`, one after another.

mod acknowledgements;
mod broken_promise;
mod changes;
mod drops;
mod handle;
mod races;
mod records;

pub use self::broken_promise::BrokenPromise;

use std::future::Future;
use std::time::Duration;

use self::broken_promise::Broken;
use self::handle::Handles;
use crate::rotate::Store;

/// The default of [`StoreContract::time_limit`].
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Checks that a store keeps every promise of [`Store`](crate::rotate::Store), for a test of your own store.
///
/// Needs the feature `rotate`, besides `testing`.
///
/// A contract takes a closure that opens the store. Each store that the closure returns stands for a process of its
/// own, and all of them must have the same records. For a store that one process uses alone, the closure returns
/// clones.
///
/// ```
/// use webhook_subscriptions::rotate::FileStore;
/// use webhook_subscriptions::testing::{BrokenPromise, MemoryStore, StoreContract};
///
/// // In your tests, this is `#[tokio::test]`.
/// # #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), BrokenPromise> {
///     // Several processes share it: a clone of a `MemoryStore` is like another process.
///     let store = MemoryStore::new();
///     StoreContract::shared(async || store.clone()).check().await?;
///
///     // One process uses it alone.
///     let folder = tempfile::tempdir().unwrap();
///     let store = FileStore::open(folder.path()).unwrap();
///     StoreContract::of_one_process(async || store.clone()).check().await
/// }
/// ```
///
/// The names of the records are random and begin with `contract-test`. So the contract can run on a server that others
/// use, and any number of times. The records stay in the store, because a [`Store`](crate::rotate::Store) can't
/// delete. A run makes about 50 records and 500 swaps.
///
/// # Limits
///
/// A test of the calls can't see some promises. Prove these in another way:
///
/// - A record is durable before `swap` returns, and before `load` returns it.
/// - `load` returns an error, and not `None`, if the store can't tell.
/// - No future blocks its thread.
/// - No error prints a record.
///
/// A race that the contract doesn't hit stays hidden, so run it on the network that you will use, more than once.
#[derive(Debug, Clone)]
#[must_use]
pub struct StoreContract<F> {
    open: F,
    is_shared: bool,
    time_limit: Duration,
}

impl<F> StoreContract<F> {
    /// Checks a store that several processes share.
    ///
    /// Such a store must notice the changes of other processes, and count which versions they have acknowledged.
    pub fn shared(open: F) -> Self {
        Self::new(open, true)
    }

    /// Checks a store that one process uses alone.
    ///
    /// [`changed`](crate::rotate::Store::changed) need not return, and every version counts as acknowledged.
    pub fn of_one_process(open: F) -> Self {
        Self::new(open, false)
    }

    fn new(open: F, is_shared: bool) -> Self {
        Self {
            open,
            is_shared,
            time_limit: TIME_LIMIT,
        }
    }

    /// Sets the time that a call may take, and a change may take to be noticed. The default is 30 seconds.
    ///
    /// Of a shared store, a process that is gone must be noticed within it too. If the store finds that out by a lease,
    /// the limit must be longer than the lease.
    pub fn time_limit(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    /// Checks every promise, from the simplest on, and stops at the first one that is broken.
    ///
    /// On a runtime of several threads, calls also run in parallel.
    ///
    /// # Errors
    ///
    /// Returns which promise is broken: what was done, what was expected, and what was found. `Debug` prints this too,
    /// so `unwrap` shows it.
    ///
    /// # Panics
    ///
    /// Panics if the closure or the store panics, and outside a tokio runtime that has timers, because it spawns tasks.
    pub async fn check<S: Store>(self) -> Result<(), BrokenPromise>
    where
        F: AsyncFn() -> S,
    {
        let handles = &Handles::new(&self.open, self.time_limit);
        keeps(
            "a record that was never stored is `None`",
            records::missing(handles),
        )
        .await?;
        keeps(
            "a record is loaded as it was stored",
            records::documents(handles),
        )
        .await?;
        keeps(
            "only the next version is stored",
            records::versions(handles),
        )
        .await?;
        keeps("a conflict changes nothing", records::conflicts(handles)).await?;
        keeps(
            "records of different names are separate",
            records::names(handles),
        )
        .await?;
        keeps(
            "a load returns the newest record everywhere",
            races::loads(handles),
        )
        .await?;
        keeps(
            "of swaps to one version, exactly one is stored",
            races::swaps(handles),
        )
        .await?;
        keeps(
            "processes that count up together lose no step",
            races::steps(handles),
        )
        .await?;
        keeps(
            "a dropped swap stores its record whole or not at all",
            drops::swaps(handles),
        )
        .await?;
        keeps("a dropped load does no harm", drops::loads(handles)).await?;
        keeps("a dropped `changed` does no harm", drops::changed(handles)).await?;
        if !self.is_shared {
            let alone = acknowledgements::alone(handles);
            return keeps("the only process has acknowledged every version", alone).await;
        }
        keeps(
            "`changed` returns if another version is stored",
            changes::earlier(handles),
        )
        .await?;
        keeps(
            "`changed` returns after another process swaps",
            changes::later(handles),
        )
        .await?;
        keeps(
            "`changed` returns when the first record is stored",
            changes::first(handles),
        )
        .await?;
        let missing = acknowledgements::missing(handles);
        keeps("an older version of one process isn't enough", missing).await?;
        let complete = acknowledgements::complete(handles);
        keeps(
            "a version is acknowledged once every process has it",
            complete,
        )
        .await?;
        let gone = acknowledgements::gone(handles);
        keeps("a process that is gone isn't waited for", gone).await
    }
}

/// Names the promise that a check is about.
async fn keeps(
    promise: &'static str,
    check: impl Future<Output = Result<(), Broken>>,
) -> Result<(), BrokenPromise> {
    let checked = check.await;
    checked.map_err(|broken| BrokenPromise::new(promise, broken))
}
