//! Generates the clients: for each document, read, prepare, generate, write to `OUT_DIR`.

#![warn(clippy::unwrap_used, clippy::expect_used)]

#[path = "build/mod.rs"]
mod steps;

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use steps::{fault::Fault, generate, prepare, read};

/// An OpenAPI document and what of it becomes the client of one facade.
struct Document {
    file: &'static str,
    facade: &'static str,
    operations: &'static [&'static str],
}

const DOCUMENTS: [Document; 2] = [
    Document {
        file: "specs/pandadoc.json",
        facade: "pandadoc",
        operations: &["updateWebhookSubscriptionSharedKey"],
    },
    Document {
        file: "specs/ratepay.yaml",
        facade: "ratepay",
        operations: &["updateSubscription"],
    },
];

fn main() {
    for document in &DOCUMENTS {
        println!("cargo::rerun-if-changed={}", document.file);
        if let Err(fault) = build(document) {
            println!("cargo::error={}: {fault}", document.file);
            process::exit(1);
        }
    }
}

fn build(document: &Document) -> Result<(), Fault> {
    let openapi = read::read(Path::new(document.file))?;
    let prepared = prepare::prepare(openapi, document.operations)?;
    let options = generate::Options {
        json_schema: env::var_os("CARGO_FEATURE_SCHEMARS").is_some(),
    };
    let code = generate::generate(&prepared, &options)?;
    write(document.facade, &code)
}

fn write(facade: &str, code: &str) -> Result<(), Fault> {
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    let file = PathBuf::from(out).join(facade).with_extension("rs");
    fs::write(&file, code).map_err(|error| {
        Fault::new(format!("the generated client cannot be written: {error}"))
            .mend("make room for, or allow writing to, the target directory of this build")
    })
}
