//! What a published document lacks is taken from one by hand, and nothing else.

use crate::document;

use document::steps::documents::DOCUMENTS;
use document::steps::{client, emit::generate::Options, supplement::supplement};
use document::{answering, with};
use serde_json::{json, Value};

/// An operation of this id, for a path.
fn get(id: &str, description: &str) -> Value {
    json!({"get": {"operationId": id, "responses": {"200": {"description": description}}}})
}

/// The document that comes of a published one, without schemas, and one by hand.
fn supplemented(published: Value, by_hand: Value) -> (Value, bool) {
    let mut published = published;
    let taken = supplement(&mut published, &by_hand, &["doIt", "doMore"]).unwrap();
    (published, taken)
}

fn published() -> Value {
    answering(json!({"type": "string"}))
}

fn by_hand() -> Value {
    let document = with(published(), "/paths/~1more", get("doMore", "By hand"));
    with(
        document,
        "/paths/~1it/get/responses/200/description",
        json!("By hand"),
    )
}

#[test]
fn an_operation_that_is_missing_is_taken() {
    let (document, _) = supplemented(published(), by_hand());
    assert_eq!(document["paths"]["/more"]["get"]["operationId"], "doMore");
}

#[test]
fn an_operation_that_is_there_stays_as_it_is() {
    let (document, _) = supplemented(published(), by_hand());
    let response = &document["paths"]["/it"]["get"]["responses"]["200"];
    assert_eq!(response["description"], "Done");
}

#[test]
fn an_operation_that_nobody_wants_is_not_taken() {
    let by_hand = with(by_hand(), "/paths/~1else", get("doElse", "By hand"));
    let (document, _) = supplemented(published(), by_hand);
    assert_eq!(document["paths"]["/else"].get("get"), None);
}

#[test]
fn a_schema_that_is_there_stays_as_it_is() {
    let published = with(
        published(),
        "/components/schemas/Thing",
        json!({"type": "integer"}),
    );
    let by_hand = with(
        by_hand(),
        "/components/schemas/Thing",
        json!({"type": "string"}),
    );
    let (document, _) = supplemented(published, by_hand);
    assert_eq!(
        document["components"]["schemas"]["Thing"]["type"],
        "integer"
    );
}

#[test]
fn a_schema_that_is_missing_is_taken() {
    let by_hand = with(
        by_hand(),
        "/components/schemas/Thing",
        json!({"type": "string"}),
    );
    let (document, _) = supplemented(published(), by_hand);
    assert_eq!(document["components"]["schemas"]["Thing"]["type"], "string");
}

#[test]
fn an_operation_brings_the_parameters_of_its_path() {
    let parameter = json!([{"name": "q", "in": "query", "schema": {"type": "string"}}]);
    let by_hand = with(by_hand(), "/paths/~1more/parameters", parameter);
    let (document, _) = supplemented(published(), by_hand);
    assert_eq!(
        document["paths"]["/more"]["get"]["parameters"][0]["name"],
        "q"
    );
}

#[test]
fn a_document_that_has_everything_takes_nothing() {
    let published = with(published(), "/paths/~1more", get("doMore", "Done"));
    assert!(!supplemented(published, by_hand()).1);
}

#[test]
fn an_operation_that_was_renamed_in_its_place_stops_the_build() {
    let mut published = with(published(), "/paths/~1more", get("doMoreNow", "Done"));
    let fault = supplement(&mut published, &by_hand(), &["doIt", "doMore"]).unwrap_err();
    let expected =
        "operation `doMore`: `/more` has `doMoreNow` in its place; it was renamed: change \
                    the list of operations in build/documents.rs and the document by hand";
    assert_eq!(fault.to_string(), expected);
}

#[test]
fn the_same_documents_give_the_same_source() {
    let sources =
        || DOCUMENTS.map(|document| client(&document, &Options::default()).ok().unwrap().source);
    assert_eq!(sources(), sources());
}
