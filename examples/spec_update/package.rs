//! The files of a package, wherever it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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

/// The operations of this document's provider whose clients are generated from other documents, which are
/// written by hand, each with that document's file.
pub fn by_hand(document: &Document) -> Vec<(&'static str, String)> {
    let within = format!("{}::", document.module);
    DOCUMENTS
        .into_iter()
        .filter(|other| other.module.starts_with(&within))
        .flat_map(|other| {
            let of_it = |id: &&'static str| (*id, other.file.to_string());
            other.operations.iter().map(of_it).collect::<Vec<_>>()
        })
        .collect()
}

/// Reads a file of the package.
pub fn read(root: &Path, file: &str) -> Result<Vec<u8>, String> {
    fs::read(root.join(file)).map_err(|error| format!("{file} cannot be read: {error}; restore it"))
}

/// Writes files of the package: all of them, each whole, or none.
pub fn write(root: &Path, files: &[(&str, &[u8])]) -> Result<(), String> {
    let beside = |file: &str| root.join(file).with_extension("new");
    let result = files
        .iter()
        .try_for_each(|(file, content)| {
            fs::write(beside(file), content).map_err(|error| (*file, error))
        })
        .and_then(|()| replace(root, files, beside));
    result.map_err(|(file, error)| {
        for (file, _) in files {
            // It may not have come about.
            let _ = fs::remove_file(beside(file));
        }
        format!("{file} cannot be written: {error}; nothing was changed, so allow writing there and try again")
    })
}

/// Puts each file that stands beside its place into it. If one fails, those before it get back what they had.
fn replace<'a>(
    root: &Path,
    files: &[(&'a str, &[u8])],
    beside: impl Fn(&str) -> PathBuf,
) -> Result<(), (&'a str, io::Error)> {
    let mut replaced = Vec::new();
    for (file, _) in files {
        let path = root.join(file);
        let had = fs::read(&path).ok();
        if let Err(error) = fs::rename(beside(file), &path) {
            for (path, had) in replaced {
                // Both could be written a moment ago; there is nothing left to try.
                let _ = match had {
                    Some(had) => fs::write(path, had),
                    None => fs::remove_file(path),
                };
            }
            return Err((file, error));
        }
        replaced.push((path, had));
    }
    Ok(())
}
