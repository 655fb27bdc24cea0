//! The repository keeps the surface of the documents and their origins as text, so that a review shows each change.

use std::collections::BTreeSet;

use xtask::generator::DOCUMENTS;
use xtask::package::documents;
use xtask::records::{self, Record, ACCEPT, SURFACE};
use xtask::root;

#[test]
fn the_surface_in_use_is_the_accepted_one() {
    let accepted = std::fs::read_to_string(root().join(SURFACE)).unwrap();
    let surface = records::surface(&documents(&root())).unwrap();
    assert_eq!(surface, accepted, "if that is right, run `{ACCEPT}`");
}

/// Another edition may be in place for a day. `.ci/run` requires its record.
#[test]
fn a_document_of_the_recorded_version_is_the_recorded_one() {
    let records = records::read(&root()).unwrap();
    let edited: Vec<_> = records
        .iter()
        .map(|(file, record)| {
            (
                Record::of(&root().join(file), &record.from).unwrap(),
                record,
            )
        })
        .filter(|(found, record)| found.version == record.version && found != *record)
        .collect();
    assert_eq!(edited, []);
}

#[test]
fn every_document_is_recorded() {
    let records = records::read(&root()).unwrap();
    let recorded: BTreeSet<_> = records.keys().map(String::as_str).collect();
    let files: BTreeSet<_> = DOCUMENTS
        .iter()
        .flat_map(|document| document.files())
        .collect();
    assert_eq!(recorded, files);
}
