//! PandaDoc's whole published document takes the place of the small one without another change.

#[allow(dead_code)]
#[path = "../../examples/spec_update/main.rs"]
mod spec_update;

use std::path::Path;

use spec_update::steps::documents::{Document, DOCUMENTS};
use spec_update::steps::{client, complete, generate::Options};
use spec_update::surface::Surface;
use spec_update::update::Update;

/// Version 8.8.0, as published: 127 operations, of which eight are in use.
const WHOLE: &str = "tests/other_client/pandadoc-8.8.0.json";

fn small() -> Document {
    let [pandadoc, ..] = DOCUMENTS;
    pandadoc
}

fn whole() -> Document {
    Document {
        file: WHOLE.into(),
        ..small()
    }
}

/// What users see of it.
fn surface(document: &Document) -> String {
    let (openapi, _) = complete(document).unwrap();
    Surface::of(&openapi, document.operations)
        .unwrap()
        .to_string()
}

#[test]
fn it_generates() {
    assert!(client(&whole(), &Options::default()).is_ok());
}

#[test]
fn users_see_the_same_of_it() {
    assert_eq!(surface(&whole()), surface(&small()));
}

#[test]
fn the_build_says_that_the_document_by_hand_is_idle() {
    let warning = client(&whole(), &Options::default()).ok().unwrap().warning;
    let expected = format!("{WHOLE} has every operation; specs/pandadoc-webhooks.yaml is idle");
    assert_eq!(warning, Some(expected));
}

#[test]
fn spec_update_finds_documentation_alone() {
    let said = Update::of(Path::new(""), WHOLE).unwrap().to_string();
    assert!(
        !said.contains("breaking ") && !said.contains("additive "),
        "{said}"
    );
}
