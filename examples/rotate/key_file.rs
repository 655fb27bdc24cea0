//! A file that holds one key.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};

/// Made before the call that changes a key, so that a folder that cannot be written to is found out
/// while nothing is lost.
pub struct KeyFile {
    name: &'static str,
    file: File,
}

impl KeyFile {
    /// Fails where the file exists: it may hold the only copy of an earlier key.
    pub fn create(name: &'static str) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(name)
            .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
        Ok(Self { name, file })
    }

    pub fn keep(&self, key: impl AsRef<[u8]>) -> io::Result<()> {
        (&self.file).write_all(key.as_ref())?;
        self.file.sync_all()
    }

    pub fn discard(self) -> io::Result<()> {
        fs::remove_file(self.name)
    }
}

impl fmt::Display for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
