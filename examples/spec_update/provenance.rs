//! Where each document of `specs/` comes from, and that it is still what came from there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::package;
use super::steps::read::{openapi, read as read_document};

/// The file that holds the records.
pub const FILE: &str = "specs/provenance.yaml";

const HEADING: &str = "\
# Where each document comes from. Versions and sums are written by
#     cargo run --example spec_update -- --accept
";

/// What is known of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The page or file that it was taken from, or was written after.
    pub from: String,
    /// Its `info.version`.
    pub version: String,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
}

/// The records, by file.
pub type Records = BTreeMap<String, Record>;

impl Record {
    /// The record of this file as it is.
    pub fn of(file: &Path, from: &str) -> Result<Self, String> {
        let in_file = |error: String| format!("{}: {error}", file.display());
        let openapi = read_document(file).and_then(|document| openapi(&document));
        let openapi = openapi.map_err(|fault| in_file(fault.to_string()))?;
        let bytes = fs::read(file).map_err(|error| in_file(error.to_string()))?;
        Ok(Self {
            from: from.to_owned(),
            version: openapi.info.version,
            sha256: const_hex::encode(Sha256::digest(&bytes)),
        })
    }
}

/// Reads the records of the package at `root`.
pub fn read(root: &Path) -> Result<Records, String> {
    serde_yaml_ng::from_slice(&package::read(root, FILE)?)
        .map_err(|error| format!("{FILE}: {error}; correct the record"))
}

/// The records as the file has them.
pub fn text(records: &Records) -> Result<String, String> {
    let yaml = serde_yaml_ng::to_string(records).map_err(|error| format!("{FILE}: {error}"))?;
    Ok(format!("{HEADING}{yaml}"))
}
