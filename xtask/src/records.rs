//! Keeps the surface of the documents and their origins in the repository, so that a review shows each change.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::generator::{complete, read as read_document, text, Document};
use super::package::{self, documents, write};
use super::surface::Surface;

/// The file that holds the surface in use.
pub const SURFACE: &str = "specs/surface.txt";

/// The file that holds the origins.
pub const PROVENANCE: &str = "specs/provenance.yaml";

/// The command that updates both.
pub const ACCEPT: &str = "cargo xtask spec accept";

/// The origin of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The page or file that it was downloaded from, or written after.
    pub from: String,
    /// The document's `info.version`.
    pub version: String,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

/// The records, by file.
pub type Records = BTreeMap<String, Record>;

impl Record {
    /// Returns the record of this file as it is.
    pub fn of(file: &Path, from: &str) -> Result<Self, String> {
        let in_file = |error: String| format!("{}: {error}", file.display());
        let document = read_document(file).map_err(|fault| in_file(fault.to_string()))?;
        let bytes = fs::read(file).map_err(|error| in_file(error.to_string()))?;
        Ok(Self {
            from: from.to_owned(),
            version: version(&document),
            sha256: sum(&bytes),
        })
    }
}

/// Returns the `info.version` of a document.
pub fn version(document: &serde_json::Value) -> String {
    let version = document.get("info").and_then(|info| text(info, "version"));
    version.unwrap_or_default().to_owned()
}

/// Returns the SHA-256 of a file, in hexadecimal.
pub fn sum(bytes: &[u8]) -> String {
    const_hex::encode(Sha256::digest(bytes))
}

/// Reads the records of the package at `root`.
pub fn read(root: &Path) -> Result<Records, String> {
    serde_yaml_ng::from_slice(&package::read(root, PROVENANCE)?)
        .map_err(|error| format!("{PROVENANCE}: {error}; correct the record"))
}

/// Returns the text of the file that holds the records.
pub fn text_of(records: &Records) -> Result<String, String> {
    let yaml = serde_yaml_ng::to_string(records);
    let yaml = yaml.map_err(|error| format!("{PROVENANCE}: {error}"))?;
    Ok(format!(
        "# The origin of each document. Versions and sums are written by\n#     {ACCEPT}\n{yaml}"
    ))
}

/// Returns the text of the file that holds the surface of these documents.
pub fn surface(documents: &[Document]) -> Result<String, String> {
    let mut text = format!("What users see of the documents in specs/. Written by\n    {ACCEPT}\n");
    for document in documents {
        let surface = Surface::of(&complete(document)?, document.operations)
            .map_err(|fault| format!("{}: {fault}", document.file))?;
        text += &format!("\n# {}\n\n{surface}", document.module);
    }
    Ok(text)
}

/// Writes the surface and the records of the documents in `specs/`.
pub fn accept(root: &Path) -> Result<String, String> {
    let surface = surface(&documents(root))?;
    let mut records = read(root)?;
    for (file, record) in &mut records {
        *record = Record::of(&root.join(file), &record.from)?;
    }
    let records = text_of(&records)?;
    let files = [
        (SURFACE, surface.as_bytes()),
        (PROVENANCE, records.as_bytes()),
    ];
    write(root, &files)?;
    Ok(format!("{SURFACE} and {PROVENANCE} are up to date"))
}

/// Fails if the surface or a record doesn't match the documents in `specs/`.
pub fn check(root: &Path) -> Result<String, String> {
    if package::read(root, SURFACE)? != surface(&documents(root))?.as_bytes() {
        return Err(format!(
            "{SURFACE} doesn't match the documents in specs/; run `{ACCEPT}` and review the difference"
        ));
    }
    for (file, record) in read(root)? {
        if record != Record::of(&root.join(&file), &record.from)? {
            return Err(format!(
                "{file} doesn't match its record in {PROVENANCE}; restore the file, or run `{ACCEPT}`"
            ));
        }
    }
    Ok(format!(
        "{SURFACE} and {PROVENANCE} match the documents in specs/"
    ))
}
