//! PandaDoc's whole published document takes the place of the small one without another change.

#[allow(dead_code)]
#[path = "../build/mod.rs"]
mod steps;

use steps::documents::{Document, DOCUMENTS};
use steps::{client, generate::Options};

/// Version 8.8.0, as published: 127 operations, of which eight are in use.
const WHOLE: &str = "tests/other_client/pandadoc-8.8.0.json";

fn whole() -> Document {
    let [pandadoc, ..] = DOCUMENTS;
    Document {
        file: WHOLE.into(),
        ..pandadoc
    }
}

#[test]
fn it_generates() {
    assert!(client(&whole(), &Options::default()).is_ok());
}

#[test]
fn the_build_says_that_the_document_by_hand_is_idle() {
    let warning = client(&whole(), &Options::default()).ok().unwrap().warning;
    let expected = format!("{WHOLE} has every operation; specs/pandadoc-webhooks.yaml is idle");
    assert_eq!(warning, Some(expected));
}
