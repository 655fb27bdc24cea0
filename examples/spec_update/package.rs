//! The files of a package, wherever it is.

use std::fs;
use std::path::Path;

use super::steps::documents::{Document, DOCUMENTS};

/// The documents of the package at `root`.
pub fn documents(root: &Path) -> [Document; 4] {
    let at_root = |file: &str| root.join(file).display().to_string().into();
    DOCUMENTS.map(|document| Document {
        file: at_root(&document.file),
        by_hand: document.by_hand.as_deref().map(at_root),
        ..document
    })
}

/// Reads a file of the package.
pub fn read(root: &Path, file: &str) -> Result<Vec<u8>, String> {
    fs::read(root.join(file)).map_err(|error| format!("{file} cannot be read: {error}; restore it"))
}

/// Writes a file of the package, whole or not at all.
pub fn write(root: &Path, file: &str, content: &[u8]) -> Result<(), String> {
    let path = root.join(file);
    let beside = path.with_extension("new");
    fs::write(&beside, content)
        .and_then(|()| fs::rename(&beside, &path))
        .map_err(|error| format!("{file} cannot be written: {error}; allow writing there"))
}
