//! A store as the contract uses it: each call has a time limit, and an error of it breaks the promise.

use std::future::Future;
use std::iter::repeat_with;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::broken_promise::Broken;
use crate::rotate::{Store, StoreError, StoredRecord, SwapError};
use crate::secret::Secret;

/// Opens the store for the processes of a check.
pub(super) struct Handles<'a, F> {
    open: &'a F,
    time_limit: Duration,
}

impl<'a, S: Store, F: AsyncFn() -> S> Handles<'a, F> {
    pub(super) fn new(open: &'a F, time_limit: Duration) -> Self {
        Self { open, time_limit }
    }

    /// Opens the store once more, as another process does.
    pub(super) async fn open(&self) -> Handle<S> {
        Handle {
            store: Arc::new((self.open)().await),
            time_limit: self.time_limit,
        }
    }
}

/// The store of one process. Clones are of the same process.
pub(super) struct Handle<S> {
    store: Arc<S>,
    time_limit: Duration,
}

impl<S> Clone for Handle<S> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            time_limit: self.time_limit,
        }
    }
}

impl<S: Store> Handle<S> {
    pub(super) fn store(&self) -> &S {
        &self.store
    }

    pub(super) fn time_limit(&self) -> Duration {
        self.time_limit
    }

    /// Waits for a call, up to the time limit.
    pub(super) async fn in_time<T>(
        &self,
        done: &str,
        call: impl Future<Output = T>,
    ) -> Result<T, Broken> {
        let limit = self.time_limit;
        let answer = timeout(limit, call).await;
        answer.map_err(|_| {
            Broken::new(
                done,
                "it returns",
                format!("it still waits after {limit:?}"),
            )
        })
    }

    async fn succeeds<T>(
        &self,
        done: &str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, Broken> {
        let answer = self.in_time(done, call).await?;
        answer.map_err(|error| Broken::new(done, "it succeeds", format!("the error: {error}")))
    }

    pub(super) async fn load(&self, name: &str) -> Result<Option<StoredRecord>, Broken> {
        let done = format!("load the record `{name}`");
        self.succeeds(&done, self.store.load(name)).await
    }

    /// Returns the stored version, or 0 if there is none.
    pub(super) async fn version(&self, name: &str) -> Result<u64, Broken> {
        let record = self.load(name).await?;
        Ok(record.map_or(0, |record| record.version))
    }

    /// Returns whether the record was stored. If it wasn't, that was a conflict.
    pub(super) async fn swap(&self, name: &str, record: &StoredRecord) -> Result<bool, Broken> {
        let version = record.version;
        let done = format!("swap `{name}` to version {version}");
        match self.in_time(&done, self.store.swap(name, record)).await? {
            Ok(()) => Ok(true),
            Err(SwapError::Conflict) => Ok(false),
            Err(SwapError::Failed(error)) => Err(Broken::new(
                done,
                "it stores the record or returns `SwapError::Conflict`",
                format!("the error: {error}"),
            )),
        }
    }

    /// Stores a record that must be the next one.
    pub(super) async fn store_next(&self, name: &str, record: &StoredRecord) -> Result<(), Broken> {
        let stored = self.swap(name, record).await?;
        let before = record.version - 1;
        let done = format!(
            "swap `{name}` from version {before} to version {}",
            record.version
        );
        match stored {
            true => Ok(()),
            false => Err(Broken::new(
                done,
                "the record is stored",
                "`SwapError::Conflict`",
            )),
        }
    }

    /// Stores this many records, one after another.
    pub(super) async fn count_to(&self, name: &str, version: u64) -> Result<(), Broken> {
        for version in 1..=version {
            self.store_next(name, &record(version)).await?;
        }
        Ok(())
    }

    /// Checks that this record is loaded after something was done.
    pub(super) async fn has(
        &self,
        name: &str,
        expected: Option<&StoredRecord>,
        done: &str,
    ) -> Result<(), Broken> {
        let found = self.load(name).await?;
        if found.as_ref() == expected {
            return Ok(());
        }
        let done = format!("{done}, then load the record `{name}`");
        Err(Broken::new(
            done,
            describe(expected),
            describe(found.as_ref()),
        ))
    }

    pub(super) async fn acknowledge(&self, name: &str, version: u64) -> Result<(), Broken> {
        let done = format!("acknowledge version {version} of `{name}`");
        self.succeeds(&done, self.store.acknowledge(name, version))
            .await
    }

    pub(super) async fn is_acknowledged(&self, name: &str, version: u64) -> Result<bool, Broken> {
        let done = format!("ask whether version {version} of `{name}` is acknowledged");
        self.succeeds(&done, self.store.is_acknowledged(name, version))
            .await
    }
}

/// Returns a name that no record has.
pub(super) fn new_name() -> String {
    let random = repeat_with(fastrand::alphanumeric).take(20);
    format!("contract-test-{}", String::from_iter(random))
}

/// Returns a record of this version, whose document says so.
pub(super) fn record(version: u64) -> StoredRecord {
    record_with(version, format!("the document of version {version}"))
}

pub(super) fn record_with(version: u64, document: impl Into<Secret>) -> StoredRecord {
    StoredRecord {
        version,
        document: document.into(),
    }
}

/// Describes a record in a few words. The end of the document is enough to tell which one it is.
pub(super) fn describe(record: Option<&StoredRecord>) -> String {
    const SHOWN: usize = 40;
    let Some(record) = record else {
        return "no record".to_owned();
    };
    let text = record.document.expose_secret();
    let skipped = text.chars().count().saturating_sub(SHOWN);
    let end = String::from_iter(text.chars().skip(skipped));
    let part = if skipped == 0 { "is" } else { "ends in" };
    format!(
        "version {}, whose document has {} bytes and {part} {end:?}",
        record.version,
        text.len()
    )
}

/// Waits for all tasks, and stops them at the first one that finds a broken promise.
pub(super) async fn all<T: 'static>(
    mut tasks: JoinSet<Result<T, Broken>>,
) -> Result<Vec<T>, Broken> {
    let mut results = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(result) => results.push(result?),
            // No task is aborted before this function ends.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    Ok(results)
}
