//! Generates the clients: for each document, read, prepare, generate, write to `OUT_DIR`.

#![warn(clippy::unwrap_used, clippy::expect_used)]

#[path = "build/mod.rs"]
mod steps;

use std::path::PathBuf;
use std::{env, fs, process};

use steps::generate::Options;

/// An OpenAPI document and what of it becomes the client of one facade.
struct Document {
    file: &'static str,
    facade: &'static str,
    operations: &'static [&'static str],
}

const DOCUMENTS: [Document; 4] = [
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
    Document {
        file: "specs/pandadoc-oauth.yaml",
        facade: "pandadoc_oauth",
        operations: &["accessToken"],
    },
    Document {
        file: "specs/ratepay-oauth.yaml",
        facade: "ratepay_oauth",
        operations: &["createOAuthToken"],
    },
];

fn main() {
    let options = Options {
        json_schema: env::var_os("CARGO_FEATURE_SCHEMARS").is_some(),
    };
    for document in &DOCUMENTS {
        println!("cargo::rerun-if-changed={}", document.file);
        let written = steps::client(document.file, document.operations, &options)
            .and_then(|code| write(document.facade, &code));
        if let Err(sentence) = written {
            println!("cargo::error={sentence}");
            process::exit(1);
        }
    }
}

fn write(facade: &str, code: &str) -> Result<(), String> {
    let file = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default())
        .join(facade)
        .with_extension("rs");
    fs::write(&file, code).map_err(|error| {
        let file = file.display();
        format!("{file}: the generated client cannot be written: {error}; allow writing there")
    })
}
