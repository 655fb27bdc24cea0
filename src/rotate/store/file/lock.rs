//! The right of one process to use a folder.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use super::disk::{private, Disk, RealDisk};
use crate::rotate::store::StoreError;

/// No record has this name, since no name of a subscription has a dot.
const NAME: &str = ".lock";

/// The lock of a folder. The operating system releases it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Creates the folder if it is missing, and locks it.
    pub(super) fn acquire(folder: &Path) -> Result<Self, StoreError> {
        let shown = folder.display();
        create(folder).map_err(|error| {
            StoreError::new(format!("couldn't create the folder `{shown}`: {error}"))
        })?;
        let file = open(folder).map_err(|error| {
            StoreError::new(format!("couldn't use the folder `{shown}`: {error}"))
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::new(format!(
                "the folder `{shown}` is in use: another process has opened it, or this one has. Stop the other \
                 process, or clone the store instead of opening it twice. Several processes need a store that \
                 they can share"
            ))),
            Err(TryLockError::Error(error)) => Err(StoreError::new(format!(
                "couldn't lock the folder `{shown}`: {error}"
            ))),
        }
    }
}

/// A child process that was forked and hasn't started its program yet has a copy of the file, which would keep the
/// lock.
impl Drop for Lock {
    fn drop(&mut self) {
        // The lock is released with the last copy at the latest.
        self.0.unlock().ok();
    }
}

/// Creates a folder that only this user can use. Its parent must exist.
fn create(folder: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(io::Error::other(
            "the folder that it should be in doesn't exist; create that one first",
        )),
        created => created,
    }
}

/// Opens the file to lock, and makes the folder durable if it is new.
fn open(folder: &Path) -> io::Result<File> {
    refuse_if_writable(&fs::metadata(folder)?)?;
    let path = folder.join(NAME);
    if !path.try_exists()? {
        // A folder that was lost in a crash would be a store without a record. This comes before the file is
        // created, so a folder that has the file is durable.
        RealDisk.sync_folder(&folder.join(".."))?;
    }
    private(OpenOptions::new().write(true).create(true).truncate(false)).open(path)
}

/// A process that may write to the folder may replace a record.
#[cfg(unix)]
fn refuse_if_writable(folder: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = folder.permissions().mode() & 0o7777;
    match mode & 0o022 {
        0 => Ok(()),
        _ => Err(io::Error::other(format!(
            "its mode is {mode:04o}, so other users may replace a key; run `chmod go-w` on it"
        ))),
    }
}

#[cfg(not(unix))]
fn refuse_if_writable(_: &fs::Metadata) -> io::Result<()> {
    Ok(())
}
