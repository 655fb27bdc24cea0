//! PandaDoc's whole published document takes the place of the small one without another change, and so does one of
//! our own that is as large.

#[allow(dead_code)]
#[path = "../../examples/spec_update/main.rs"]
mod spec_update;
use crate::whole;

use std::fs;
use std::path::Path;

use serde_json::json;

use spec_update::steps::documents::{Document, DOCUMENTS};
use spec_update::steps::emit::generate::Options;
use spec_update::steps::read::openapi;
use spec_update::steps::{client, complete};
use spec_update::surface::Surface;
use spec_update::update::Update;

fn small() -> Document {
    let [pandadoc, ..] = DOCUMENTS;
    pandadoc
}

fn from_file(file: &Path) -> Document {
    Document {
        file: file.to_str().unwrap().to_owned().into(),
        ..small()
    }
}

/// What users see of it.
fn surface(document: &Document) -> String {
    let (completed, _) = complete(document).unwrap();
    let openapi = openapi(&completed).unwrap();
    Surface::of(&openapi, document.operations)
        .unwrap()
        .to_string()
}

fn it_generates(file: &Path) {
    let built = client(&from_file(file), &Options::default());
    assert_eq!(built.err(), None);
}

fn users_see_the_same_of_it(file: &Path) {
    assert_eq!(surface(&from_file(file)), surface(&small()));
}

fn the_build_says_that_the_document_by_hand_is_idle(file: &Path) {
    let built = client(&from_file(file), &Options::default());
    let expected = format!(
        "{} has every operation; specs/pandadoc-webhooks.yaml is idle",
        file.display()
    );
    assert_eq!(built.ok().unwrap().warning, Some(expected));
}

fn a_comparison_finds_documentation_alone(file: &Path) {
    let said = Update::of(Path::new(""), file.to_str().unwrap());
    let said = said.unwrap().to_string();
    assert!(
        !said.contains("breaking ") && !said.contains("additive "),
        "{said}"
    );
}

#[test]
fn a_new_filter_of_the_history_is_additive() {
    let file = whole::file("filter");
    let mut document = whole::document();
    let parameters = &mut document["paths"]["/public/v1/webhook-events"]["get"]["parameters"];
    let filter = json!({"name": "workspace", "in": "query", "schema": {"type": "string"}});
    parameters.as_array_mut().unwrap().push(filter);
    fs::write(&file, document.to_string()).unwrap();
    let said = Update::of(Path::new(""), file.to_str().unwrap());
    let said = said.unwrap().to_string();
    assert!(
        !said.contains("breaking ") && said.contains("query workspace: is new and optional"),
        "{said}"
    );
}

macro_rules! promises {
    ($($promise:ident)*) => {
        mod our_own {
            $(#[test]
            fn $promise() {
                super::$promise(&super::whole::file(stringify!($promise)));
            })*
        }

        mod published {
            $(#[test]
            fn $promise() {
                if let Some(file) = super::whole::published() {
                    super::$promise(&file);
                }
            })*
        }
    };
}

promises! {
    it_generates
    users_see_the_same_of_it
    the_build_says_that_the_document_by_hand_is_idle
    a_comparison_finds_documentation_alone
}
