//! A store in a folder.

#[cfg(test)]
mod crash_images;
mod disk;
mod folder;
mod format;
mod lock;
#[cfg(test)]
mod recording_disk;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use self::disk::RealDisk;
use self::folder::Folder;
use crate::auth::BoxFuture;
use crate::rotate::store::sealed::Sealed;
use crate::rotate::store::sealing_key::SealingKey;
use crate::rotate::store::{Store, StoreError, StoredRecord, SwapError};

/// Keeps records in a folder: one file for each subscription, which has its name.
///
/// Clones share the folder. The file operations run on tokio's threads for blocking work, one at a time. Dropping
/// a future of this store doesn't interrupt an operation that has begun.
///
/// ```
/// use webhook_subscriptions::rotate::{FileStore, Store, StoredRecord};
/// use webhook_subscriptions::Secret;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("webhook-keys");
/// let store = FileStore::open(folder)?;
/// let record = StoredRecord { version: 1, document: Secret::from("...") };
/// store.swap("ratepay-d8znR1k1_0Kw305BsoPT", &record).await?;
/// assert_eq!(store.load("ratepay-d8znR1k1_0Kw305BsoPT").await?, Some(record));
/// # Ok(()) }
/// ```
///
/// # One process
///
/// A lock on the file `.lock` in the folder keeps a second process out, and a second [`open`](Self::open) in the
/// same process. The operating system releases the lock when the process ends, however it ends. Don't delete the
/// file. Use a local file system: some network file systems accept locks and syncs that don't hold.
///
/// # Crashes
///
/// A record is written to a new file, which is synced and renamed, and then the folder is synced. So the record is
/// on the disk before [`swap`](Store::swap) returns `Ok`. After a crash of the process, the operating system or the
/// computer, the file has the old record or the new one, each whole. A file that was cut or changed otherwise is an
/// error, never a missing record.
///
/// After a failed swap, the file has the old record or the new one. A sync that is retried after it failed may
/// succeed without having written anything. So after a failed rename or sync of the folder, the next
/// [`load`](Store::load) first writes the record again, to a new file. The load fails if that fails. A process that
/// has just started doesn't know of an earlier failure. Its first load syncs the folder once more.
///
/// A crash may leave a file whose name ends in `.new`. The next swap of that record replaces it.
///
/// # Access
///
/// The records contain signing keys as plain text. [`sealed`](Self::sealed) encrypts them. The folder is created
/// with mode 0700, and each file with mode 0600. A file that another user may read or write is an error. So is a
/// folder that another user may write to, and a record that is a symbolic link.
///
/// The bytes of a replaced file may stay on the disk until they are overwritten.
///
/// # Other systems than Unix
///
/// On such a system, the folder isn't synced. A new record may be lost if the computer loses power, even after
/// `swap` has returned `Ok`. Permissions are neither set nor checked, so create the folder for the service alone.
///
/// # The runtime
///
/// A store can be opened anywhere. [`load`](Store::load) and [`swap`](Store::swap) panic outside a tokio runtime.
#[derive(Clone)]
pub struct FileStore {
    path: PathBuf,
    folder: Arc<Mutex<Folder<RealDisk>>>,
}

impl FileStore {
    /// Opens a folder, and creates it if it is missing. Its parent must exist.
    ///
    /// This function reads and writes the disk, so call it before the service accepts requests.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - another process uses the folder, or this one has opened it already;
    /// - another user may write to it;
    /// - it can't be created, made durable or locked.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = folder.as_ref();
        Ok(Self {
            path: path.to_owned(),
            folder: Arc::new(Mutex::new(Folder::open(path, RealDisk)?)),
        })
    }

    /// Opens a folder to look at its records, also while another process uses it.
    ///
    /// A rotation with such a store has a [`status`](crate::Rotation::status) and a [`plan`](crate::Rotation::plan).
    /// It can't change anything, because [`swap`](Store::swap) returns an error. A record that was loaded may still
    /// be lost in a crash.
    ///
    /// This function doesn't look at the disk. A folder that can't be read shows as an error of the first
    /// [`load`](Store::load). A missing folder is like one without records: `load` returns `None`, and a rotation
    /// can't start with it, since it can't store its first record.
    #[must_use]
    pub fn open_read_only(folder: impl AsRef<Path>) -> Self {
        let path = folder.as_ref();
        Self {
            path: path.to_owned(),
            folder: Arc::new(Mutex::new(Folder::open_read_only(path, RealDisk))),
        }
    }

    /// Encrypts the records with this key, as [`Sealed::new`] does.
    #[must_use]
    pub fn sealed(self, key: SealingKey) -> Sealed<Self> {
        Sealed::new(self, key)
    }

    /// Runs this on a thread for blocking work, when all operations before it have ended.
    async fn run<T: Send + 'static, E: From<StoreError> + Send + 'static>(
        &self,
        operation: impl FnOnce(&mut Folder<RealDisk>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let mut folder = self.folder.clone().lock_owned().await;
        let done = spawn_blocking(move || operation(&mut folder)).await;
        // The message of a panic may quote a key.
        done.unwrap_or_else(|error| {
            Err(StoreError::new(match error.is_panic() {
                true => "the operation panicked; load the record to see whether it was stored",
                false => "the operation wasn't begun, because tokio's runtime shuts down",
            })
            .into())
        })
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.path).finish()
    }
}

impl Store for FileStore {
    fn load<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        let subscription = subscription.to_owned();
        Box::pin(self.run(move |folder| folder.load(&subscription)))
    }

    fn swap<'a>(
        &'a self,
        subscription: &'a str,
        record: &'a StoredRecord,
    ) -> BoxFuture<'a, Result<(), SwapError>> {
        let subscription = subscription.to_owned();
        let record = record.clone();
        Box::pin(self.run(move |folder| folder.swap(&subscription, &record)))
    }
}
