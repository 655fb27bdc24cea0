//! Tools for maintainers of `webhook-subscriptions`.
//!
//! `cargo xtask spec` compares a new edition of an OpenAPI document with the one in `specs/`, and installs it.
//! `cargo xtask spec --help` lists its commands.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod changes;
pub mod compile;
pub mod credentials;
pub mod edition;
pub mod fact;
pub mod generated;
pub mod generator;
pub mod judge;
pub mod package;
pub mod records;
pub mod schemes;
pub mod shapes;
pub mod surface;
pub mod value;
pub mod verdict;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use edition::Edition;
use generator::DOCUMENTS;

/// Tools for maintainers of webhook-subscriptions.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub struct Arguments {
    #[command(subcommand)]
    tool: Tool,
}

#[derive(Debug, Subcommand)]
enum Tool {
    /// Compares and installs OpenAPI documents.
    #[command(subcommand)]
    Spec(Spec),
}

#[derive(Debug, Subcommand)]
enum Spec {
    /// Prints what a new edition of a document changes for users, and which version of the crate comes next.
    Diff(New),
    /// Prints the same, compiles the crate with the new edition, and then copies it into specs/.
    Install {
        #[command(flatten)]
        new: New,
        /// The URL that the new edition was downloaded from [default: the URL of the old edition]
        #[arg(long, value_name = "URL", value_parser = not_blank)]
        from: Option<String>,
    },
    /// Updates specs/surface.txt and specs/provenance.yaml after a document in specs/ was edited.
    Accept,
    /// Fails if specs/surface.txt or specs/provenance.yaml doesn't match the documents in specs/.
    Check,
}

#[derive(Debug, Args)]
struct New {
    /// The file of the new edition.
    #[arg(value_name = "NEW")]
    file: String,
    /// The document that the file replaces [default: the one that the file is named after]
    #[arg(long, value_name = "MODULE", value_parser = modules())]
    document: Option<String>,
}

fn modules() -> PossibleValuesParser {
    PossibleValuesParser::new(DOCUMENTS.map(|document| document.module))
}

fn not_blank(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("the URL is blank"),
        _ => Ok(text.to_owned()),
    }
}

/// Returns the folder of the package `webhook-subscriptions`.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// Runs a command on the package at `root`.
pub fn run(root: &Path, arguments: Arguments, out: &mut impl Write) -> Result<(), String> {
    let mut say = |text: &dyn std::fmt::Display| {
        writeln!(out, "{text}").map_err(|error| format!("couldn't write the output: {error}"))
    };
    let edition = |new: &New| Edition::of(root, &new.file, new.document.as_deref());
    let Tool::Spec(command) = arguments.tool;
    match command {
        Spec::Diff(new) => say(&edition(&new)?),
        Spec::Install { new, from } => {
            let edition = edition(&new)?;
            say(&edition)?;
            say(&"Compiling the crate with it. The first time takes a minute or two.")?;
            say(&edition.install(from.as_deref())?)
        }
        Spec::Accept => say(&records::accept(root)?),
        Spec::Check => say(&records::check(root)?),
    }
}

/// Returns the text with control characters, line breaks and invisible characters as escapes. A name in a document
/// must not be able to overwrite a line of the output, or to look like one.
pub fn printable(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
    }
    shown
}
