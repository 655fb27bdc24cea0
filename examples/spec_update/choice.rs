//! Which document of the package a file is an edition of.

use std::path::Path;

use super::package::documents;
use super::steps::documents::Document;

/// The document of this module or, if none is named, the one that the file is named after.
///
/// What the documents have in common says nothing: an edition that has lost every operation in use would be
/// compared with the wrong document, or with none.
pub fn choose(root: &Path, new: &str, module: Option<&str>) -> Result<Document, String> {
    let documents = documents(root);
    let modules: Vec<_> = documents.iter().map(|document| document.module).collect();
    let choices = format!("`--document` and one of {}", modules.join(", "));
    let mut documents = documents.into_iter();
    match module {
        Some(module) => documents
            .find(|document| document.module == module)
            .ok_or_else(|| format!("`{module}` isn't the module of a document; pass {choices}")),
        None => documents
            .find(|document| is_named_after(new, document))
            .ok_or_else(|| {
                format!("{new} isn't named after a document of this crate; say which one it replaces: pass {choices}")
            }),
    }
}

/// Whether a file has the name of a document's file or module, perhaps with a version after it.
fn is_named_after(file: &str, document: &Document) -> bool {
    let stem = |file: &str| {
        let stem = Path::new(file).file_stem().unwrap_or_default();
        stem.to_string_lossy().to_ascii_lowercase()
    };
    let names = [stem(&document.file), document.module.replace("::", "-")];
    let found = stem(file);
    names.iter().any(|name| {
        found
            .strip_prefix(name.as_str())
            .is_some_and(|rest| rest.is_empty() || is_version(rest))
    })
}

/// Whether this is a separator and a version, as in `-8.8.0` and `_v9`.
fn is_version(rest: &str) -> bool {
    let version = rest.trim_start_matches(['-', '_', '.']);
    let number = version.strip_prefix('v').unwrap_or(version);
    version != rest && number.starts_with(|character: char| character.is_ascii_digit())
}
