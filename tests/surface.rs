//! What users see of the documents is kept as text, and so are the documents' origins: a change of either
//! shows in review.

#[allow(dead_code)]
#[path = "../examples/spec_update/main.rs"]
mod spec_update;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use spec_update::package::documents;
use spec_update::provenance::Record;
use spec_update::steps::documents::DOCUMENTS;
use spec_update::{accepted, provenance};

/// The package.
fn root() -> &'static Path {
    Path::new("")
}

#[test]
fn the_surface_in_use_is_the_accepted_one() {
    let accepted = fs::read_to_string(accepted::SURFACE).unwrap();
    let accept = "cargo run --example spec_update -- --accept";
    assert_eq!(
        accepted::surface(&documents(root())).unwrap(),
        accepted,
        "if that is right: {accept}"
    );
}

/// Another edition may be in place for a day: `.ci/run` has it recorded before it passes.
#[test]
fn a_document_of_the_recorded_version_is_the_recorded_one() {
    let records = provenance::read(root()).unwrap();
    let edited: Vec<_> = records
        .iter()
        .map(|(file, record)| (Record::of(Path::new(file), &record.from).unwrap(), record))
        .filter(|(found, record)| found.version == record.version && found != *record)
        .collect();
    assert_eq!(edited, []);
}

#[test]
fn every_document_is_recorded() {
    let records = provenance::read(root()).unwrap();
    let recorded: BTreeSet<_> = records.keys().map(String::as_str).collect();
    let files: BTreeSet<_> = DOCUMENTS
        .iter()
        .flat_map(|document| document.files())
        .collect();
    assert_eq!(recorded, files);
}
