//! The few file operations of the store, so that a test can make each of them fail and lose what wasn't synced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use zeroize::Zeroizing;

/// Operations on files, as the operating system has them.
///
/// A failed sync may have dropped the data, and the next sync of the same file or folder may then succeed without
/// writing anything. Only a new file is sure to be written.
pub(super) trait Disk {
    type File;

    /// Reads a file. It must be a regular file, and no other user may have access to it.
    fn read(&self, path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>>;

    /// Creates a file that only this user can read, and writes these bytes. The file must not exist.
    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<Self::File>;

    /// Waits until the bytes of a file are durable.
    fn sync(&self, file: &Self::File) -> io::Result<()>;

    /// Replaces `to` by `from`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file if it exists.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Waits until the names in a folder are durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// The operating system's files.
pub(super) struct RealDisk;

impl Disk for RealDisk {
    type File = File;

    fn read(&self, path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        // Of a symbolic link, these are the properties of the link. Only this user can put a link in its place
        // before the file is read, since nobody else may write to the folder.
        let found = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found?,
        };
        if !found.is_file() {
            return Err(io::Error::other(
                "it isn't a regular file; replace a symbolic link by the file itself",
            ));
        }
        refuse_if_shared(&found)?;
        Ok(Some(fs::read(path)?.into()))
    }

    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
        file.write_all(bytes)?;
        Ok(file)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    /// Does nothing: such a system opens no folder as a file.
    #[cfg(not(unix))]
    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// Makes these options create files that only this user can read.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(unix)]
fn refuse_if_shared(file: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.permissions().mode() & 0o7777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(io::Error::other(format!(
            "its mode is {mode:04o}, so other users may have access; run `chmod 600` on it, and rotate the key if \
             somebody may have read it"
        ))),
    }
}

#[cfg(not(unix))]
fn refuse_if_shared(_: &fs::Metadata) -> io::Result<()> {
    Ok(())
}
