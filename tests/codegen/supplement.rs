//! Only the parts that a published document lacks are taken from one by hand.

use crate::document;

use document::steps::documents::DOCUMENTS;
use document::steps::{
    emit::generate::Options,
    sources,
    supplement::{retell, supplement},
};
use document::{answering, reference, with};
use serde_json::{json, Value};

/// An operation of this id, for a path.
fn get(id: &str, description: &str) -> Value {
    json!({"get": {"operationId": id, "responses": {"200": {"description": description}}}})
}

/// The document that comes of a published one, without schemas, and one by hand.
fn supplemented(mut published: Value, by_hand: Value) -> Value {
    supplement(&mut published, &by_hand, &["doIt", "doMore"]).unwrap();
    published
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
    let document = supplemented(published(), by_hand());
    assert_eq!(document["paths"]["/more"]["get"]["operationId"], "doMore");
}

#[test]
fn an_operation_that_is_there_stays_as_it_is() {
    let document = supplemented(published(), by_hand());
    let response = &document["paths"]["/it"]["get"]["responses"]["200"];
    assert_eq!(response["description"], "Done");
}

#[test]
fn an_operation_that_nobody_wants_is_not_taken() {
    let by_hand = with(by_hand(), "/paths/~1else", get("doElse", "By hand"));
    let document = supplemented(published(), by_hand);
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
    let document = supplemented(published, by_hand);
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
    let document = supplemented(published(), by_hand);
    assert_eq!(document["components"]["schemas"]["Thing"]["type"], "string");
}

#[test]
fn an_operation_brings_the_parameters_of_its_path() {
    let parameter = json!([{"name": "q", "in": "query", "schema": {"type": "string"}}]);
    let by_hand = with(by_hand(), "/paths/~1more/parameters", parameter);
    let document = supplemented(published(), by_hand);
    assert_eq!(
        document["paths"]["/more"]["get"]["parameters"][0]["name"],
        "q"
    );
}

#[test]
fn a_document_that_has_everything_takes_nothing() {
    let published = with(published(), "/paths/~1more", get("doMore", "Done"));
    assert_eq!(supplemented(published.clone(), by_hand()), published);
}

/// The published document with the texts of the one by hand, after this change to both.
fn retold(pointer: &str, values: [Value; 2]) -> Value {
    let [mut published, by_hand] = values.map(|value| {
        let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let document = with(published(), "/components/schemas/Answer", schema);
        with(document, pointer, value)
    });
    retell(&mut published, &by_hand);
    published.pointer(pointer).unwrap().clone()
}

#[test]
fn the_texts_of_the_document_by_hand_replace_published_ones() {
    for pointer in [
        "/paths/~1it/get/summary",
        "/paths/~1it/get/description",
        "/components/schemas/Answer/description",
        "/components/schemas/Answer/properties/a/description",
    ] {
        let told = retold(pointer, [json!("Published"), json!("By hand")]);
        assert_eq!(told, "By hand", "{pointer}");
    }
}

#[test]
fn a_parameter_has_the_text_of_the_document_by_hand() {
    let parameter = |text: &str| json!([{"name": "q", "in": "query", "description": text, "schema": {"type": "string"}}]);
    let pointer = "/paths/~1it/get/parameters";
    let told = retold(pointer, [parameter("Published"), parameter("By hand")]);
    assert_eq!(told, parameter("By hand"));
}

#[test]
fn a_published_reference_stays_as_it_is() {
    let pointer = "/components/schemas/Answer/properties/a";
    let published = reference("Other");
    let by_hand = json!({"type": "string", "description": "By hand"});
    assert_eq!(retold(pointer, [published.clone(), by_hand]), published);
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
    let built = || DOCUMENTS.map(|document| sources(&document, &Options::default()).unwrap());
    assert_eq!(built(), built());
}
