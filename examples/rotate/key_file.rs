//! A file that holds one key.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Creates the file before the call that changes a key. An unwritable folder is then found while the
/// old key still works.
pub struct KeyFile {
    path: PathBuf,
    file: File,
}

impl KeyFile {
    /// Creates the file. Fails if it exists, because it may hold the only copy of an earlier key.
    pub fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let path = folder.join(name);
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => named(
                &path,
                error.kind(),
                "the file exists and may hold the only copy of a key; move it away first",
            ),
            kind => named(&path, kind, &error),
        })?;
        Ok(Self { path, file })
    }

    /// Writes the key, and returns after it has reached the disk.
    pub fn keep(&self, key: impl AsRef<[u8]>) -> io::Result<()> {
        let kept = (&self.file)
            .write_all(key.as_ref())
            .and_then(|()| self.file.sync_all())
            .and_then(|()| sync_folder_of(&self.path));
        kept.map_err(|error| named(&self.path, error.kind(), &error))
    }

    /// Removes a file that holds no key in use.
    ///
    /// A failure is only printed, so that the caller can return its more important error.
    pub fn discard(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            eprintln!("couldn't remove {self}, which holds no key in use: {error}");
        }
    }
}

/// Syncs the folder of a file to the disk, because the folder holds the file's name.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => {
            let here = folder.as_os_str().is_empty();
            File::open(if here { Path::new(".") } else { folder })?.sync_all()
        }
        _ => Ok(()),
    }
}

fn named(path: &Path, kind: io::ErrorKind, error: impl fmt::Display) -> io::Error {
    io::Error::new(kind, format!("{}: {error}", path.display()))
}

impl fmt::Display for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())
    }
}
