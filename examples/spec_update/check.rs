//! Whether the package compiles with another document.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::printable::printable;
use super::steps::documents::{Document, DOCUMENTS};

/// Every feature that adds to what is generated or uses it. TLS does neither.
const FEATURES: &str = "schemars,testing,tower,tracing";

/// Runs `cargo check` on the library of the package at `root`, generated from `content` in place of this
/// document's file. Fails with the first of rustc's errors, and with what to do.
///
/// It has a target folder of its own within the package, so that a cargo that runs elsewhere doesn't block it,
/// and so that another copy of the package isn't taken for this one.
pub fn check(root: &Path, document: &Document, content: &[u8]) -> Result<(), String> {
    let module = document.module;
    let variable = document.variable.ok_or_else(|| {
        format!("no variable names another document of {module}; add one to build/documents.rs")
    })?;
    let target = std::path::absolute(root.join("target/spec_update"))
        .map_err(|error| format!("the target folder is not known: {error}"))?;
    let copy = copy(&target, document, content)?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["check", "--lib", "--offline", "--no-default-features"])
        .args(["--features", FEATURES, "--message-format", "json"])
        .arg("--target-dir")
        .arg(target);
    // All other documents are the package's own.
    for other in DOCUMENTS.iter().filter_map(|document| document.variable) {
        cargo.env_remove(other);
    }
    let output = cargo.env(variable, copy).output().map_err(|error| {
        format!("cargo couldn't be started: {error}; set the variable CARGO to its path")
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(match first_of_rustc(&output.stdout) {
        Some(error) => format!(
            "this crate does not compile with it: {error}; correct it, or change this crate until it \
             compiles with {variable} set to that file"
        ),
        None => format!(
            "cargo couldn't check this crate with it: {}; see whether `cargo check --offline` works without it",
            first_of_cargo(&output.stderr)
        ),
    })
}

/// Writes a copy that is named after its content. Cargo builds again if the name differs, but not always if
/// the content does, and what is compiled must be what is installed.
fn copy(target: &Path, document: &Document, content: &[u8]) -> Result<PathBuf, String> {
    let sum = const_hex::encode(Sha256::digest(content));
    let extension = Path::new(&*document.file).extension().unwrap_or_default();
    let copy = target.join(sum).with_extension(extension);
    let written = fs::create_dir_all(target).and_then(|()| fs::write(&copy, content));
    let shown = copy.display();
    written.map_err(|error| format!("{shown} cannot be written: {error}; allow writing there"))?;
    Ok(copy)
}

/// The first error of rustc, with its place.
fn first_of_rustc(messages: &[u8]) -> Option<String> {
    let messages = String::from_utf8_lossy(messages);
    messages.lines().find_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        let message = &line["message"];
        let level = message["level"].as_str()?;
        let what = message["message"].as_str()?;
        let mut spans = message["spans"].as_array()?.iter();
        let place = spans.find(|span| span["is_primary"] == true).map(|span| {
            let file = span["file_name"].as_str().unwrap_or_default();
            format!(" ({file}:{})", span["line_start"])
        });
        level
            .starts_with("error")
            .then(|| printable(&format!("{what}{}", place.unwrap_or_default())))
    })
}

/// The first error of cargo.
fn first_of_cargo(words: &[u8]) -> String {
    let words = String::from_utf8_lossy(words);
    let error = words.lines().find_map(|line| line.strip_prefix("error: "));
    printable(error.unwrap_or("it failed without an error"))
}
