//! Generates the clients. For each document in `build/documents.rs`, the steps of `build/mod.rs` are:
//!
//! 1. Read it, or the file that its environment variable names: `build/read.rs`, `build/supplement.rs`.
//! 2. Cut it to the wanted operations and what they reference: `build/select.rs`.
//! 3. Stop at everything that would be sent or read wrongly: `build/checks.rs`.
//! 4. Change what the generator would misread: `build/transform/`.
//! 5. Generate the client, and add what the generator does not: `build/emit/`.
//! 6. Write the source to `OUT_DIR`.
//!
//! Rustdoc doesn't copy pictures. So the script also writes those of the guides into `OUT_DIR`, each as a link
//! definition whose target is the picture itself.

#![warn(clippy::unwrap_used, clippy::expect_used)]

#[path = "build/mod.rs"]
mod steps;

use std::env::VarError;
use std::path::PathBuf;
use std::{env, fs, panic, process};

use steps::documents::{Document, DOCUMENTS};
use steps::emit::generate::Options;

/// Files in `docs/`. The label of a picture is the name of its file.
const PICTURES: [&str; 2] = ["rotation.svg", "verification.svg"];

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
    write_pictures()
}

fn build(document: Document, options: &Options) -> Result<(), String> {
    let document = chosen(document)?;
    for file in document.files() {
        println!("cargo::rerun-if-changed={file}");
    }
    let client = steps::client(&document, options)?;
    if let Some(warning) = client.warning {
        println!("cargo::warning={warning}");
    }
    let file = document.module.replace("::", "_") + ".rs";
    write(&file, &client.source)
}

fn write_pictures() -> Result<(), String> {
    let mut definitions = String::new();
    for name in PICTURES {
        let file = format!("docs/{name}");
        println!("cargo::rerun-if-changed={file}");
        let picture = fs::read_to_string(&file);
        let picture = picture.map_err(|error| format!("{file}: {error}; restore it"))?;
        definitions += &format!("[{name}]: <data:image/svg+xml,{}>\n", in_link(&picture));
    }
    write("pictures.md", &definitions)
}

/// Encodes what would end the link, and what Markdown or a URL would take for something else.
fn in_link(text: &str) -> String {
    let encode = |c: char| match c {
        '%' | '#' | '<' | '>' | '&' | '\\' | '\n' => format!("%{:02X}", u32::from(c)),
        _ => c.to_string(),
    };
    text.chars().map(encode).collect()
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
        format!("{file} cannot be written: {error}; allow writing there")
    })
}
