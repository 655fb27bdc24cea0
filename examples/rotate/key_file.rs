//! A file that holds one key.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Created before the call that changes a key, so that a folder that can't be written to is found out
/// while nothing is lost.
pub struct KeyFile {
    path: PathBuf,
    file: File,
}

impl KeyFile {
    /// Fails where the file exists: it may hold the only copy of an earlier key.
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

    /// Returns once the key is on the disk.
    pub fn keep(&self, key: impl AsRef<[u8]>) -> io::Result<()> {
        let kept = (&self.file)
            .write_all(key.as_ref())
            .and_then(|()| self.file.sync_all())
            .and_then(|()| sync_folder_of(&self.path));
        kept.map_err(|error| named(&self.path, error.kind(), &error))
    }

    /// Removes a file that holds no key in use. What is known of the key is more important than a failure
    /// of this, which is only printed.
    pub fn discard(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            eprintln!("{self} holds no key in use and couldn't be removed: {error}");
        }
    }
}

/// The name of a file is part of its folder, which has to be on the disk too.
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
