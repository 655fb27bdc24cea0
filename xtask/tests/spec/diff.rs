//! `cargo xtask spec diff` says what a new edition of a document changes.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{json, Map, Value};
use xtask::generator::complete;
use xtask::package::{documents, replaced_by};
use xtask::root;

use super::package::{Package, DESCRIPTION, ELSEWHERE, ID, NEW, SERVER};

const NOTHING: &str = "\n\nNothing changes for this crate.\n";

#[test]
fn a_change_elsewhere_in_the_document_changes_nothing() {
    let package = Package::with("elsewhere", ELSEWHERE, json!("Other words"));
    let said = package.diff();
    assert!(said.ends_with(NOTHING), "{said}");
}

#[test]
fn a_breaking_change_requires_the_next_breaking_version() {
    let package = Package::with("breaks", SERVER, json!("https://api2.pandadoc.com"));
    let said = package.diff();
    let version = concat!("0.", env!("CARGO_PKG_VERSION_MINOR"));
    let next: u64 = version[2..].parse::<u64>().unwrap() + 1;
    assert!(
        said.contains(&format!("The next version of this crate: 0.{next}.0\n")),
        "{said}"
    );
}

#[test]
fn another_change_requires_the_next_patch_version() {
    let package = Package::with("documents", DESCRIPTION, json!("Other words"));
    let said = package.diff();
    let next: u64 = env!("CARGO_PKG_VERSION_PATCH").parse::<u64>().unwrap() + 1;
    let line = format!(
        "The next version of this crate: 0.{}.{next}\n",
        env!("CARGO_PKG_VERSION_MINOR")
    );
    assert!(said.contains(&line), "{said}");
}

#[test]
fn a_renamed_operation_is_named() {
    let package = Package::with("renamed", ID, json!("regenerateKey"));
    let said = package.diff();
    let line = "breaking       operation updateWebhookSubscriptionSharedKey: is called `regenerateKey` now\n";
    assert!(said.contains(line), "{said}");
}

#[test]
fn a_diff_installs_nothing() {
    let package = Package::with("looked_at", ELSEWHERE, json!("Other words"));
    package.diff();
    assert!(package.is_untouched());
}

/// Returns the module of the document that a file of this name replaces.
fn named_after(name: &str) -> Option<&'static str> {
    let document = replaced_by(Path::new(""), name, None);
    document.ok().map(|document| document.module)
}

#[test]
fn a_file_replaces_the_document_that_it_is_named_after() {
    for (name, module) in [
        ("pandadoc.json", Some("pandadoc")),
        ("downloads/pandadoc-8.8.0.json", Some("pandadoc")),
        ("PandaDoc_v9.json", Some("pandadoc")),
        ("pandadoc-oauth.yaml", Some("pandadoc::oauth")),
        ("pandadoc-oauth-2.yaml", Some("pandadoc::oauth")),
        ("ratepay.2026-11-24.yaml", Some("ratepay")),
        ("ratepay-oauth.yml", Some("ratepay::oauth")),
        ("pandadoc-webhooks.yaml", None),
        ("pandadocs.json", None),
        ("openapi.json", None),
        ("new.json", None),
    ] {
        assert_eq!(named_after(name), module, "{name}");
    }
}

#[test]
fn a_file_with_another_name_needs_an_argument() {
    let package = Package::new("unnamed");
    fs::rename(package.0.join(NEW), package.0.join("new.json")).unwrap();
    let expected = "new.json isn't named after a document of this crate; \
                    pass `--document` and one of pandadoc, pandadoc::oauth, ratepay, ratepay::oauth";
    assert_eq!(package.run(&["diff", "new.json"]).unwrap_err(), expected);
}

#[test]
fn the_argument_overrides_the_name_of_the_file() {
    let package = Package::new("argued");
    fs::rename(package.0.join(NEW), package.0.join("ratepay.json")).unwrap();
    let said = package
        .run(&["diff", "ratepay.json", "--document", "pandadoc"])
        .unwrap();
    assert!(said.ends_with(NOTHING), "{said}");
}

/// Returns a document like PandaDoc's published one: it has the eight operations in use, and the token endpoint.
fn whole() -> Value {
    let [pandadoc, oauth, ..] = documents(&root());
    let mut whole = complete(&pandadoc).unwrap();
    let oauth = complete(&oauth).unwrap();
    for pointer in ["/paths", "/components/schemas"] {
        let added = oauth.pointer(pointer).unwrap().as_object().unwrap().clone();
        let parts = whole.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        parts.extend(added);
    }
    whole
}

/// Returns the lines about an edition that differs from such a document in what `change` does to its paths.
fn after_whole(test: &str, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let package = Package::new(test);
    let mut document = whole();
    fs::write(package.0.join("specs/pandadoc.json"), document.to_string()).unwrap();
    change(document["paths"].as_object_mut().unwrap());
    fs::write(package.0.join(NEW), document.to_string()).unwrap();
    package.diff()
}

fn changes_documentation_alone(package: &Package) {
    let said = package.diff();
    assert!(
        !said.contains("breaking ") && !said.contains("additive "),
        "{said}"
    );
}

#[test]
fn a_document_with_every_operation_changes_documentation_alone() {
    let package = Package::new("whole");
    let [pandadoc, ..] = documents(&root());
    let document = complete(&pandadoc).unwrap();
    fs::write(package.0.join(NEW), document.to_string()).unwrap();
    changes_documentation_alone(&package);
}

/// Needs a whole document as PandaDoc publishes it, which `PANDADOC_DOCUMENT` names.
#[test]
fn a_published_document_changes_documentation_alone() {
    let Some(document) = env::var_os("PANDADOC_DOCUMENT") else {
        let skipped =
            "skipped: a_published_document_changes_documentation_alone, without PANDADOC_DOCUMENT";
        // The macros write to what the test harness hides.
        writeln!(io::stderr(), "{skipped}").unwrap();
        return;
    };
    let package = Package::new("published");
    fs::copy(document, package.0.join(NEW)).unwrap();
    changes_documentation_alone(&package);
}

#[test]
fn every_lost_operation_is_named_even_if_none_is_left() {
    let said = after_whole("all_lost", |paths| {
        paths.retain(|path, _| !path.contains("webhook"));
    });
    assert_eq!(
        said.matches(": is gone from the document\n").count(),
        8,
        "{said}"
    );
}

#[test]
fn a_token_endpoint_that_the_published_document_lost_is_named() {
    let said = after_whole("endpoint_lost", |paths| {
        paths.retain(|path, _| path.contains("webhook"));
    });
    let line = "breaking       operation accessToken: is gone from this document; \
                its client is generated from specs/pandadoc-oauth.yaml, so compare them\n";
    assert!(said.contains(line), "{said}");
}

#[test]
fn a_file_that_is_not_a_document_is_rejected() {
    let package = Package::new("no_document");
    fs::write(package.0.join(NEW), "<html>").unwrap();
    let sentence = package.run(&["diff", NEW]).unwrap_err();
    assert!(
        sentence.starts_with("pandadoc-9.0.0.json: the document is not JSON: "),
        "{sentence}"
    );
}

#[test]
fn a_byte_order_mark_is_accepted() {
    let package = Package::new("mark");
    let marked = format!("\u{feff}{}", package.read(NEW));
    fs::write(package.0.join(NEW), marked).unwrap();
    let said = package.diff();
    assert!(said.ends_with(NOTHING), "{said}");
}

#[test]
fn an_operation_that_only_the_document_by_hand_still_has_is_named() {
    let said = after_whole("withdrawn", |paths| {
        let item = &mut paths["/public/v1/webhook-subscriptions/{id}"];
        item.as_object_mut().unwrap().remove("delete").unwrap();
    });
    let line = "deleteWebhookSubscription would come from specs/pandadoc-webhooks.yaml.";
    assert!(said.contains(line), "{said}");
}

#[test]
fn a_name_in_a_document_cannot_write_a_line_of_its_own() {
    let pointer = "/components/schemas/WebhookSubscriptionSharedKeyResponse/properties";
    let name = "a\nNothing changes for this crate.\u{1b}[2K\u{202e}";
    let package = Package::with(
        "forged",
        pointer,
        json!({"shared_key": {"type": "string"}, name: {"type": "string"}}),
    );
    let said = package.diff();
    let line = r"member a\nNothing changes for this crate.\u{1b}[2K\u{202e}: is new";
    assert!(said.contains(line), "{said}");
}
