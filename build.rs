//! Generates the clients. For each document in `build/documents.rs`, the steps of `build/mod.rs` are:
//!
//! 1. Read it, or the file that its environment variable names: `build/read.rs`, `build/supplement.rs`.
//! 2. Cut it to the wanted operations and what they reference: `build/select.rs`.
//! 3. Stop at everything that would be sent or read wrongly: `build/checks.rs`.
//! 4. Change what the generator would misread: `build/transform/`.
//! 5. Generate the client, and add what the generator does not: `build/emit/`.
//! 6. Write the sources to `OUT_DIR`.
//!
//! `build/pictures.rs` brings the pictures of the guides into rustdoc.

#![warn(clippy::unwrap_used, clippy::expect_used)]

#[path = "build/pictures.rs"]
mod pictures;
#[path = "build/mod.rs"]
mod steps;

use std::env::VarError;
use std::path::PathBuf;
use std::{env, fs, panic, process};

use steps::documents::{Document, DOCUMENTS};
use steps::emit::generate::Options;

fn main() {
    // A panic of the generator becomes a sentence, and nothing is printed beside it.
    panic::set_hook(Box::new(|_| {}));
    let options = Options {
        json_schema: env::var_os("CARGO_FEATURE_SCHEMARS").is_some(),
    };
    if let Err(sentence) = run(&options) {
        println!("cargo::error={sentence}");
        process::exit(1);
    }
}

fn run(options: &Options) -> Result<(), String> {
    for document in DOCUMENTS {
        build(document, options)?;
    }
    write("pictures.md", &pictures::definitions()?)
}

fn build(document: Document, options: &Options) -> Result<(), String> {
    let document = chosen(document)?;
    for file in document.files() {
        println!("cargo::rerun-if-changed={file}");
    }
    let sources = steps::sources(&document, options)?;
    let name = document.module.replace("::", "_");
    write(&format!("{name}.rs"), &sources.client)?;
    write(&format!("{name}_mocks.rs"), &sources.mocks)
}

/// Returns the document, or the other file that its variable names. A fault of that file is an error, never a
/// reason to take the package's own.
fn chosen(mut document: Document) -> Result<Document, String> {
    let (variable, module) = (document.variable.unwrap_or_default(), document.module);
    println!("cargo::rerun-if-env-changed={variable}");
    match env::var(variable) {
        Ok(file) if !file.is_empty() => {
            println!("cargo::warning={module} is generated from {file}, as {variable} says");
            document.file = file.into();
        }
        Ok(_) | Err(VarError::NotPresent) => {}
        Err(error) => return Err(format!("{variable}: {error}; rename that file")),
    }
    Ok(document)
}

fn write(name: &str, text: &str) -> Result<(), String> {
    let file = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    fs::write(&file, text).map_err(|error| {
        let file = file.display();
        format!("{file} can't be written: {error}; allow writing there")
    })
}
