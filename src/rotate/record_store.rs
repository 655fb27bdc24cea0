//! The store as a rotation uses it: for one record, and within a time limit.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

use super::document::Document;
use super::store::{Store, StoreError, StoredRecord, SwapError};
use crate::verify::Scheme;

/// The longest time that a store may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// One record of a store.
pub(super) struct RecordStore {
    store: Box<dyn Store>,
    name: String,
}

/// The result of a swap.
pub(super) enum Swapped {
    /// The document is stored.
    Done,
    /// A newer document is stored.
    Newer(Stored),
}

/// A document, and its version.
pub(super) struct Stored {
    pub(super) document: Document,
    pub(super) version: u64,
}

impl RecordStore {
    pub(super) fn new(store: impl Store, name: String) -> Self {
        Self {
            store: Box::new(store),
            name,
        }
    }

    /// Returns the name of the record.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Loads the record. `None` means that there is none.
    pub(super) async fn load<S: Scheme>(&self) -> Result<Option<Stored>, StoreError> {
        let loaded = in_time(self.store.load(&self.name)).await?;
        loaded.map(read::<S>).transpose()
    }

    /// Stores a document of this version, unless another one has it already.
    pub(super) async fn swap<S: Scheme>(
        &self,
        document: &Document,
        version: u64,
    ) -> Result<Swapped, StoreError> {
        let stored = StoredRecord {
            version,
            document: document.write()?,
        };
        let swapped = timeout(TIMEOUT, self.store.swap(&self.name, &stored)).await;
        let error = match swapped {
            Ok(Ok(())) => return Ok(Swapped::Done),
            Ok(Err(SwapError::Conflict)) => StoreError::new(
                "it reports a conflict, and has no newer record; the record may have been deleted, or an old one came back",
            ),
            Ok(Err(SwapError::Failed(error))) => error,
            Err(_) => too_slow(),
        };
        // After an error the record may be stored nevertheless.
        match in_time(self.store.load(&self.name)).await {
            Ok(Some(found)) if found == stored => Ok(Swapped::Done),
            Ok(Some(found)) if found.version >= version => read::<S>(found).map(Swapped::Newer),
            _ => Err(error),
        }
    }

    /// Waits until the stored version may be another one.
    pub(super) async fn changed(&self, version: u64) {
        self.store.changed(&self.name, version).await;
    }

    /// Records that this process accepts the keys of this version.
    pub(super) async fn acknowledge(&self, version: u64) -> Result<(), StoreError> {
        in_time(self.store.acknowledge(&self.name, version)).await
    }

    /// Tells whether every replica accepts the keys of this version.
    pub(super) async fn is_acknowledged(&self, version: u64) -> Result<bool, StoreError> {
        in_time(self.store.is_acknowledged(&self.name, version)).await
    }
}

fn read<S: Scheme>(stored: StoredRecord) -> Result<Stored, StoreError> {
    Ok(Stored {
        document: Document::read::<S>(&stored.document)?,
        version: stored.version,
    })
}

async fn in_time<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let answer = timeout(TIMEOUT, answer).await;
    answer.unwrap_or_else(|_| Err(too_slow()))
}

fn too_slow() -> StoreError {
    StoreError::new(format!("it took longer than {TIMEOUT:?}"))
}
