//! Whether the package compiles with another document.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::printable::printable;
use super::steps::documents::{Document, DOCUMENTS};

/// Every feature that adds to what is generated or uses it. TLS does neither.
const FEATURES: &str = "schemars,testing,tower,tracing";

/// Runs `cargo check` on the library of the package at `root`, generated from this document's file in place of
/// the package's own. Fails with the first of rustc's errors.
///
/// It has a target folder of its own, so that a cargo that runs elsewhere doesn't block it.
pub fn check(root: &Path, document: &Document) -> Result<(), String> {
    let module = document.module;
    let variable = document.variable.ok_or_else(|| {
        format!("no variable names another document of {module}; add one to build/documents.rs")
    })?;
    // The build looks for a relative path in the folder of the package.
    let file = std::path::absolute(&*document.file)
        .map_err(|error| format!("the path of {} is not known: {error}", document.file))?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["check", "--lib", "--offline", "--no-default-features"])
        .args(["--features", FEATURES, "--message-format", "json"])
        .arg("--target-dir")
        .arg(target.join("spec_update"));
    // All other documents are the package's own.
    for other in DOCUMENTS.iter().filter_map(|document| document.variable) {
        cargo.env_remove(other);
    }
    let output = cargo.env(variable, file).output().map_err(|error| {
        format!("cargo couldn't be started: {error}; set the variable CARGO to its path")
    })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(first_error(&output.stdout, &output.stderr)),
    }
}

/// What rustc said first or, if it said nothing, cargo.
fn first_error(messages: &[u8], words: &[u8]) -> String {
    let messages = String::from_utf8_lossy(messages);
    let of_rustc = messages.lines().find_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        let message = line.get("message").filter(|it| it["level"] == "error")?;
        let mut spans = message["spans"].as_array()?.iter();
        let place = spans.find(|span| span["is_primary"] == true).map(|span| {
            let file = span["file_name"].as_str().unwrap_or_default();
            format!(" ({file}:{})", span["line_start"])
        });
        let what = message["message"].as_str()?;
        Some(format!("{}{}", printable(what), place.unwrap_or_default()))
    });
    of_rustc.unwrap_or_else(|| {
        let words = String::from_utf8_lossy(words);
        let error = words.lines().find_map(|line| line.strip_prefix("error: "));
        error.unwrap_or("cargo failed without an error").to_owned()
    })
}
