//! Compiles the crate with a new edition of a document.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::generator::{Document, DOCUMENTS};
use super::printable;
use super::records::sum;

/// The crate, as Cargo names it.
const PACKAGE: &str = "webhook-subscriptions";

/// Every feature that adds to generated code or uses it. TLS does neither.
const FEATURES: &str = "rotate,schemars,testing,tower,tracing";

/// Runs `cargo check` on the library of the package at `root`, generated from `content` instead of this document's
/// file. Fails with the first error of rustc.
///
/// Cargo gets a target folder of its own within the package. So another cargo at work doesn't block it, and another
/// copy of the package isn't taken for this one.
pub fn compile(root: &Path, document: &Document, content: &[u8]) -> Result<(), String> {
    let module = document.module;
    let variable = document.variable.ok_or_else(|| {
        format!("no variable replaces the document of {module}; add one to build/documents.rs")
    })?;
    let target = std::path::absolute(root.join("target/xtask"))
        .map_err(|error| format!("couldn't find the target folder: {error}"))?;
    let copy = copy(&target, document, content)?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["check", "--package", PACKAGE, "--lib", "--offline"])
        .args(["--no-default-features", "--features", FEATURES])
        .args(["--message-format", "json", "--target-dir"])
        .arg(target);
    // All other documents are those in `specs/`.
    for other in DOCUMENTS.iter().filter_map(|document| document.variable) {
        cargo.env_remove(other);
    }
    let output = cargo.env(variable, copy).output().map_err(|error| {
        format!("cargo didn't start: {error}; set the variable CARGO to the path of cargo")
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(match first_of_rustc(&output.stdout) {
        Some(error) => format!(
            "this crate doesn't compile with it: {error}; correct the document, or change this crate until it \
             compiles with {variable} set to that file"
        ),
        None => format!(
            "cargo couldn't check this crate with it: {}; find out whether `cargo check --offline` works without it",
            first_of_cargo(&output.stderr)
        ),
    })
}

/// Writes a copy that is named after its content. Cargo always builds again if the name of a file differs, but not
/// always if the content does. And what is compiled must be what is installed.
fn copy(target: &Path, document: &Document, content: &[u8]) -> Result<PathBuf, String> {
    let extension = Path::new(&*document.file).extension().unwrap_or_default();
    let copy = target.join(sum(content)).with_extension(extension);
    let written = fs::create_dir_all(target).and_then(|()| fs::write(&copy, content));
    let shown = copy.display();
    written.map_err(|error| format!("couldn't write {shown}: {error}; allow writing there"))?;
    Ok(copy)
}

/// Returns the first error of rustc, with its place.
fn first_of_rustc(messages: &[u8]) -> Option<String> {
    let messages = String::from_utf8_lossy(messages);
    messages.lines().find_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        let message = &line["message"];
        let what = message["message"].as_str()?;
        let mut spans = message["spans"].as_array()?.iter();
        let place = spans.find(|span| span["is_primary"] == true).map(|span| {
            let file = span["file_name"].as_str().unwrap_or_default();
            format!(" ({file}:{})", span["line_start"])
        });
        let is_error = message["level"].as_str()?.starts_with("error");
        is_error.then(|| printable(&format!("{what}{}", place.unwrap_or_default())))
    })
}

/// Returns the first error of cargo.
fn first_of_cargo(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    let error = output.lines().find_map(|line| line.strip_prefix("error: "));
    printable(error.unwrap_or("it failed without an error"))
}
