//! The records in a folder, one file each.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::format::{decode, encode};
use super::lock::Lock;
use crate::rotate::store::{StoreError, StoredRecord, SwapError};

pub(super) struct Folder<D> {
    path: PathBuf,
    disk: D,
    records: HashMap<String, Durability>,
    /// `None` if the folder was opened to read only.
    lock: Option<Lock>,
}

/// Whether the record that can be read is the one that is there after a crash. A record that is missing here was
/// written by an earlier process, which may have ended before it synced the folder.
enum Durability {
    Known,
    /// A rename or a sync failed, or is under way.
    InDoubt,
}

impl<D: Disk> Folder<D> {
    pub(super) fn open(path: &Path, disk: D) -> Result<Self, StoreError> {
        Ok(Self {
            lock: Some(Lock::acquire(path)?),
            ..Self::open_read_only(path, disk)
        })
    }

    pub(super) fn open_read_only(path: &Path, disk: D) -> Self {
        Self {
            path: path.to_owned(),
            disk,
            records: HashMap::new(),
            lock: None,
        }
    }

    /// Returns the stored record once it is durable, or at once if the folder was opened to read only.
    pub(super) fn load(&mut self, subscription: &str) -> Result<Option<StoredRecord>, StoreError> {
        let record = self.read(subscription)?;
        if let (Some(record), Some(_)) = (&record, &self.lock) {
            match self.records.get(subscription) {
                Some(Durability::Known) => {}
                Some(Durability::InDoubt) => self.write(subscription, record)?,
                None => self.sync_folder(subscription)?,
            }
        }
        Ok(record)
    }

    /// Stores a record if the stored version is the one before it.
    pub(super) fn swap(
        &mut self,
        subscription: &str,
        record: &StoredRecord,
    ) -> Result<(), SwapError> {
        if self.lock.is_none() {
            return Err(StoreError::new(format!(
                "the folder `{}` was opened to read only, so nothing was stored; open it with `FileStore::open`",
                self.path.display()
            ))
            .into());
        }
        let stored = self.read(subscription)?;
        let version = stored.map_or(0, |stored| stored.version);
        if version.checked_add(1) != Some(record.version) {
            return Err(SwapError::Conflict);
        }
        Ok(self.write(subscription, record)?)
    }

    fn read(&self, subscription: &str) -> Result<Option<StoredRecord>, StoreError> {
        let path = self.path_of(subscription)?;
        let read = self.disk.read(&path);
        let Some(bytes) = read.map_err(|error| failed("read", &path, &error))? else {
            return Ok(None);
        };
        let decoded = decode(subscription, &bytes);
        let record =
            decoded.map_err(|error| StoreError::new(format!("`{}` {error}", path.display())))?;
        Ok(Some(record))
    }

    /// Writes a record in place of the one before it, and waits until it is durable.
    ///
    /// A file that couldn't be synced is never synced again, since that might succeed without writing anything.
    fn write(&mut self, subscription: &str, record: &StoredRecord) -> Result<(), StoreError> {
        let path = self.path_of(subscription)?;
        let new = self.path.join(format!("{subscription}.new"));
        if let Err(error) = self.create(&new, &encode(subscription, record)) {
            // The next write removes it if this one doesn't.
            self.disk.remove(&new).ok();
            return Err(failed("write", &new, &error));
        }
        let in_doubt = Durability::InDoubt;
        self.records.insert(subscription.to_owned(), in_doubt);
        let renamed = self.disk.rename(&new, &path);
        renamed.map_err(|error| failed("replace", &path, &error))?;
        self.sync_folder(subscription)
    }

    /// Creates a file and waits until its bytes are durable.
    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        // A process that ended before its rename has left one.
        self.disk.remove(path)?;
        let file = self.disk.create(path, bytes)?;
        self.disk.sync(&file)
    }

    fn sync_folder(&mut self, subscription: &str) -> Result<(), StoreError> {
        let synced = self.disk.sync_folder(&self.path);
        let durability = match synced {
            Ok(()) => Durability::Known,
            Err(_) => Durability::InDoubt,
        };
        self.records.insert(subscription.to_owned(), durability);
        synced.map_err(|error| failed("sync the folder", &self.path, &error))
    }

    fn path_of(&self, subscription: &str) -> Result<PathBuf, StoreError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if subscription.is_empty() || !subscription.bytes().all(allowed) {
            return Err(StoreError::new(format!(
                "{subscription:?} can't be the name of a record; use only ASCII letters, digits, `-` and `_`"
            )));
        }
        Ok(self.path.join(subscription))
    }
}

fn failed(action: &str, path: &Path, error: &io::Error) -> StoreError {
    StoreError::new(format!("couldn't {action} `{}`: {error}", path.display()))
}
