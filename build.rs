//! Generates the clients: for each document, read, prepare, generate, write to `OUT_DIR`.

#![warn(clippy::unwrap_used, clippy::expect_used)]

#[path = "build/mod.rs"]
mod steps;

use std::path::PathBuf;
use std::{env, fs, process};

use steps::generate::Options;
use steps::Document;

const DOCUMENTS: [Document; 4] = [
    Document {
        file: "specs/pandadoc.json",
        by_hand: Some("specs/pandadoc-webhooks.yaml"),
        module: "pandadoc",
        operations: &[
            "listWebhookSubscriptions",
            "createWebhookSubscription",
            "detailsWebhookSubscription",
            "updateWebhookSubscription",
            "deleteWebhookSubscription",
            "updateWebhookSubscriptionSharedKey",
            "listWebhookEvent",
            "detailsWebhookEvent",
        ],
    },
    Document {
        file: "specs/pandadoc-oauth.yaml",
        by_hand: None,
        module: "pandadoc::oauth",
        operations: &["accessToken"],
    },
    Document {
        file: "specs/ratepay.yaml",
        by_hand: None,
        module: "ratepay",
        operations: &[
            "createSubscription",
            "listSubscriptions",
            "updateSubscription",
            "deleteSubscription",
        ],
    },
    Document {
        file: "specs/ratepay-oauth.yaml",
        by_hand: None,
        module: "ratepay::oauth",
        operations: &["createOAuthToken"],
    },
];

fn main() {
    let options = Options {
        json_schema: env::var_os("CARGO_FEATURE_SCHEMARS").is_some(),
    };
    for document in &DOCUMENTS {
        for file in [Some(document.file), document.by_hand]
            .into_iter()
            .flatten()
        {
            println!("cargo::rerun-if-changed={file}");
        }
        let written = steps::client(document, &options).and_then(|client| {
            if let Some(warning) = client.warning {
                println!("cargo::warning={warning}");
            }
            write(document.module, &client.source)
        });
        if let Err(sentence) = written {
            println!("cargo::error={sentence}");
            process::exit(1);
        }
    }
}

fn write(module: &str, source: &str) -> Result<(), String> {
    let file = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default())
        .join(module.replace("::", "_"))
        .with_extension("rs");
    fs::write(&file, source).map_err(|error| {
        let file = file.display();
        format!("{file}: the generated client cannot be written: {error}; allow writing there")
    })
}
