//! Reads and writes the files of a package, and finds the document that a new edition replaces.

use std::fs;
use std::io;
use std::path::Path;

use super::generator::{Document, DOCUMENTS};

/// Returns the documents of the package at `root`.
pub fn documents(root: &Path) -> [Document; 4] {
    let at_root = |file: &str| root.join(file).display().to_string().into();
    DOCUMENTS.map(|document| Document {
        file: at_root(&document.file),
        by_hand: document.by_hand.as_deref().map(at_root),
        ..document
    })
}

/// Returns the document of this module or, without one, the document that the file is named after.
///
/// The content decides nothing. An edition that lost every operation in use would be compared with the wrong
/// document, or with none.
pub fn replaced_by(root: &Path, file: &str, module: Option<&str>) -> Result<Document, String> {
    let is_replaced = |document: &Document| match module {
        Some(module) => document.module == module,
        None => is_named_after(file, document),
    };
    documents(root).into_iter().find(is_replaced).ok_or_else(|| {
        let modules = DOCUMENTS.map(|document| document.module).join(", ");
        format!("{file} isn't named after a document of this crate; pass `--document` and one of {modules}")
    })
}

/// Tells whether a file has the name of a document's file or module, with or without a version after it.
fn is_named_after(file: &str, document: &Document) -> bool {
    let stem = |file: &str| {
        let stem = Path::new(file).file_stem().unwrap_or_default();
        stem.to_string_lossy().to_ascii_lowercase()
    };
    let names = [stem(&document.file), document.module.replace("::", "-")];
    names.iter().any(|name| {
        stem(file)
            .strip_prefix(name.as_str())
            .is_some_and(|rest| rest.is_empty() || is_version(rest))
    })
}

/// Tells whether this is a separator and a version, as in `-8.8.0` and `_v9`.
fn is_version(rest: &str) -> bool {
    let version = rest.trim_start_matches(['-', '_', '.']);
    let number = version.strip_prefix('v').unwrap_or(version);
    version != rest && number.starts_with(|character: char| character.is_ascii_digit())
}

/// Returns the operations of this document's provider whose clients come from other documents, which are written by
/// hand. Each has the file of that document.
pub fn by_hand(document: &Document) -> Vec<(&'static str, String)> {
    let within = format!("{}::", document.module);
    let others = DOCUMENTS
        .into_iter()
        .filter(|other| other.module.starts_with(&within));
    others
        .flat_map(|other| {
            let ids = other.operations.iter();
            ids.map(move |id| (*id, other.file.to_string()))
        })
        .collect()
}

/// Reads a file of the package.
pub fn read(root: &Path, file: &str) -> Result<Vec<u8>, String> {
    fs::read(root.join(file))
        .map_err(|error| format!("couldn't read {file}: {error}; restore the file"))
}

/// Writes files of the package. Either all of them are replaced, each as a whole, or none is.
pub fn write(root: &Path, files: &[(&str, &[u8])]) -> Result<(), String> {
    let staged = |file: &str| root.join(file).with_extension("new");
    let mut replaced = Vec::new();
    let mut replace = || {
        for (file, content) in files {
            fs::write(staged(file), content).map_err(|error| (*file, error))?;
        }
        for (file, _) in files {
            let path = root.join(file);
            let before = fs::read(&path).ok();
            fs::rename(staged(file), &path).map_err(|error| (*file, error))?;
            replaced.push((path, before));
        }
        Ok::<_, (&str, io::Error)>(())
    };
    let done = replace();
    done.map_err(|(file, error)| {
        // If this fails too, nothing is left to try: these files could be written a moment ago.
        for (path, before) in replaced {
            let _ = match before {
                Some(before) => fs::write(path, before),
                None => fs::remove_file(path),
            };
        }
        for (file, _) in files {
            let _ = fs::remove_file(staged(file));
        }
        format!("couldn't write {file}: {error}; no file was changed; allow writing there and try again")
    })
}
