//! Where each document of `specs/` comes from, and that it is still what came from there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

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

/// Reads the records of the package at `root`.
pub fn read(root: &Path) -> Result<Records, String> {
    let text = read_file(root, FILE)?;
    serde_yaml_ng::from_slice(&text).map_err(|error| format!("{FILE}: {error}; correct the record"))
}

/// Writes them.
pub fn write(root: &Path, records: &Records) -> Result<(), String> {
    let yaml = serde_yaml_ng::to_string(records).map_err(|error| format!("{FILE}: {error}"))?;
    fs::write(root.join(FILE), format!("{HEADING}{yaml}"))
        .map_err(|error| format!("{FILE} cannot be written: {error}; allow writing there"))
}

/// The record that a file as it is would have.
pub fn record(root: &Path, file: &str, from: &str) -> Result<Record, String> {
    let bytes = read_file(root, file)?;
    // YAML has JSON in it.
    let document: Value = serde_yaml_ng::from_slice(&bytes)
        .map_err(|error| format!("{file}: {error}; take a complete copy of it"))?;
    let version = document.pointer("/info/version").and_then(Value::as_str);
    let sum = Sha256::digest(&bytes);
    Ok(Record {
        from: from.to_owned(),
        version: version.unwrap_or("unknown").to_owned(),
        sha256: sum.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

fn read_file(root: &Path, file: &str) -> Result<Vec<u8>, String> {
    fs::read(root.join(file)).map_err(|error| format!("{file} cannot be read: {error}; restore it"))
}
