//! The documents of a package, wherever it is.

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
