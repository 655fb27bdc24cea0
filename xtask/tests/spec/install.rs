//! `cargo xtask spec install` compiles the crate with a new edition of a document, and puts it in place.
//! `cargo xtask spec check` finds documents that were changed in another way.

use std::fs;
use std::time::SystemTime;

use serde_json::json;

use super::package::{Package, ELSEWHERE, ID, NEW, SERVER};

#[test]
fn the_new_edition_is_installed_byte_for_byte() {
    let package = Package::with("installed", ELSEWHERE, json!("Other words"));
    package.install().unwrap();
    assert_eq!(package.read("specs/pandadoc.json"), package.read(NEW));
}

#[test]
fn an_installed_edition_is_recorded() {
    let package = Package::with("recorded", "/info/version", json!("9.0.0"));
    package
        .run(&["install", NEW, "--from", "https://pandadoc.example"])
        .unwrap();
    assert!(package
        .read("specs/provenance.yaml")
        .contains("from: https://pandadoc.example\n  version: 9.0.0\n"));
}

#[test]
fn an_installed_edition_is_accepted() {
    let package = Package::with("accepted", SERVER, json!("https://api2.pandadoc.com"));
    package.install().unwrap();
    assert!(package.run(&["check"]).is_ok());
}

#[test]
fn an_edition_that_does_not_build_is_not_installed() {
    let package = Package::with("unbuildable", ID, json!("regenerateKey"));
    package.install().unwrap_err();
    assert!(package.is_untouched());
}

#[test]
fn the_reason_of_the_build_is_printed() {
    let package = Package::with("said", ID, json!("regenerateKey"));
    let sentence = package.install().unwrap_err();
    assert!(
        sentence.starts_with("pandadoc-9.0.0.json wasn't installed: it doesn't build: pandadoc-9.0.0.json: operation "),
        "{sentence}"
    );
}

#[test]
fn a_check_finds_a_surface_that_changed() {
    let package = Package::with("changed", SERVER, json!("https://api2.pandadoc.com"));
    fs::copy(package.0.join(NEW), package.0.join("specs/pandadoc.json")).unwrap();
    let sentence = package.run(&["check"]).unwrap_err();
    assert!(
        sentence.starts_with("specs/surface.txt doesn't match the documents in specs/; "),
        "{sentence}"
    );
}

#[test]
fn a_check_finds_a_document_that_differs_from_its_record() {
    let package = Package::with("edited", ELSEWHERE, json!("Other words"));
    fs::copy(package.0.join(NEW), package.0.join("specs/pandadoc.json")).unwrap();
    let sentence = package.run(&["check"]).unwrap_err();
    assert!(
        sentence.starts_with("specs/pandadoc.json doesn't match its record in "),
        "{sentence}"
    );
}

#[test]
fn installing_a_document_over_itself_keeps_it_whole() {
    let package = Package::new("in_place");
    let file = package.0.join("specs/pandadoc.json");
    let before = fs::read(&file).unwrap();
    let file_name = file.to_str().unwrap();
    package.run(&["install", file_name]).unwrap();
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_missing_file_prevents_every_write() {
    let package = Package::with("incomplete", ELSEWHERE, json!("Other words"));
    fs::remove_file(package.0.join("specs/provenance.yaml")).unwrap();
    package.install().unwrap_err();
    assert!(package.is_untouched());
}

#[test]
fn an_escaped_emoji_is_accepted() {
    let package = Package::new("emoji");
    let escaped = package.read(NEW).replacen(
        "\"description\": \"",
        "\"description\": \"\\ud83d\\ude00 ",
        1,
    );
    fs::write(package.0.join(NEW), escaped).unwrap();
    package.install().unwrap();
    assert!(package.run(&["check"]).is_ok());
}

#[test]
fn an_origin_that_is_kept_is_named() {
    let package = Package::with("kept", ELSEWHERE, json!("Other words"));
    let said = package.install().unwrap();
    assert!(said.ends_with(", as before\n"), "{said}");
}

#[test]
fn an_edition_that_does_not_compile_is_not_installed() {
    let package = Package::with("uncompilable", ELSEWHERE, json!("does-not-compile"));
    let before = package.specs();
    package.install().unwrap_err();
    assert_eq!(package.specs(), before);
}

#[test]
fn the_first_error_of_rustc_is_printed() {
    let package = Package::with("rustc_said", ELSEWHERE, json!("does-not-compile"));
    let sentence = package.install().unwrap_err();
    assert!(
        sentence.starts_with(
            "pandadoc-9.0.0.json wasn't installed: this crate doesn't compile with it: cannot find "
        ) && sentence.contains("`regress`")
            && sentence.contains(" (src/lib.rs:3); correct the document, or change this crate until "),
        "{sentence}"
    );
}

#[test]
fn a_document_by_hand_is_compiled_too() {
    let package = Package::new("by_hand");
    let new = package.0.join("ratepay-oauth-2.yaml");
    let document = package.read("specs/ratepay-oauth.yaml") + "\n# does-not-compile\n";
    fs::write(&new, document).unwrap();
    let sentence = package
        .run(&["install", "ratepay-oauth-2.yaml"])
        .unwrap_err();
    assert!(
        sentence.contains(" doesn't compile with it: "),
        "{sentence}"
    );
}

#[test]
fn the_error_of_cargo_is_printed_if_rustc_did_not_run() {
    let package = Package::with("cargo_said", ELSEWHERE, json!("Other words"));
    fs::write(package.0.join("Cargo.toml"), "[workspace]\n[package]\n").unwrap();
    let sentence = package.install().unwrap_err();
    assert!(
        sentence
            .contains(": cargo couldn't check this crate with it: failed to parse manifest at "),
        "{sentence}"
    );
}

/// Cargo looks at the time of a file, not at its content.
#[test]
fn an_edition_that_does_not_compile_is_not_installed_even_if_its_file_is_older() {
    let package = Package::with("older", ELSEWHERE, json!("Other words"));
    package.install().unwrap();
    let document = package.read(NEW).replace("Other words", "does-not-compile");
    fs::write(package.0.join(NEW), document).unwrap();
    let file = fs::File::options().write(true).open(package.0.join(NEW));
    file.unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let sentence = package.install().unwrap_err();
    assert!(
        sentence.contains(" doesn't compile with it: "),
        "{sentence}"
    );
}

#[test]
fn a_file_that_cannot_be_replaced_prevents_every_replacement() {
    let package = Package::with("blocked", ELSEWHERE, json!("Other words"));
    let surface = package.0.join("specs/surface.txt");
    fs::remove_file(&surface).unwrap();
    fs::create_dir_all(surface.join("in the way")).unwrap();
    let before = package.specs();
    package.install().unwrap_err();
    assert_eq!(package.specs(), before);
}
