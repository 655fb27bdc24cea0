//! A document that cannot be used stops the build with one sentence: file, place, what to do.

#[path = "support/document.rs"]
mod document;

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use document::steps::documents::Document;
use document::steps::{client, generate::Options};
use document::{answering, with};
use serde_json::{json, Value};

/// Builds a client from a file of this content, and returns the sentence without the folder.
fn sentence(name: &str, content: &[u8]) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(name);
    fs::write(&file, content).unwrap();
    let file = file.to_str().unwrap().to_owned();
    build(file).replace(&format!("{}/", folder.display()), "")
}

fn build(file: impl Into<Cow<'static, str>>) -> String {
    let document = Document {
        file: file.into(),
        variable: None,
        by_hand: None,
        module: "test",
        operations: &["doIt"],
    };
    client(&document, &Options::default()).err().unwrap()
}

#[test]
fn a_file_that_is_not_there() {
    let expected = "specs/nothing.json: the document cannot be read: No such file or directory \
                    (os error 2); put an OpenAPI 3.0 document there, in UTF-8";
    assert_eq!(build("specs/nothing.json"), expected);
}

#[test]
fn a_file_that_is_no_text() {
    let expected = "binary.json: the document cannot be read: stream did not contain valid UTF-8; \
                    put an OpenAPI 3.0 document there, in UTF-8";
    assert_eq!(sentence("binary.json", b"\xff\xfe"), expected);
}

#[test]
fn json_that_is_empty() {
    let expected = "empty.json: the document is empty; put an OpenAPI 3.0 document there, in UTF-8";
    assert_eq!(sentence("empty.json", b""), expected);
}

#[test]
fn yaml_that_is_empty() {
    let expected = "empty.yaml: the document is empty; put an OpenAPI 3.0 document there, in UTF-8";
    assert_eq!(sentence("empty.yaml", b" \n"), expected);
}

#[test]
fn yaml_that_is_nothing_but_a_comment() {
    let expected = "comment.yaml: the document has no `openapi` version, so it is not an OpenAPI \
                    document; only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    assert_eq!(sentence("comment.yaml", b"# to be written"), expected);
}

#[test]
fn a_file_that_is_no_json() {
    let expected = "html.json: the document is not JSON: expected value at line 1 column 1; \
                    take a complete copy of it; a YAML document needs the extension .yaml";
    assert_eq!(sentence("html.json", b"<html>"), expected);
}

#[test]
fn a_file_that_is_no_yaml() {
    let expected = "broken.yaml: the document is not YAML: did not find expected ',' or ']' at line 2 column 1, while \
                    parsing a flow sequence at line 1 column 10; correct the document; keys such as status codes must be \
                    quoted";
    assert_eq!(sentence("broken.yaml", b"openapi: [3.0.3"), expected);
}

#[test]
fn openapi_3_1() {
    let expected = "new.json: the document is OpenAPI 3.1.0, not 3.0; \
                    only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    assert_eq!(sentence("new.json", br#"{"openapi":"3.1.0"}"#), expected);
}

#[test]
fn swagger_2() {
    let expected = "old.yaml: the document is Swagger 2.0; \
                    only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    assert_eq!(sentence("old.yaml", b"swagger: '2.0'"), expected);
}

#[test]
fn json_that_is_no_openapi() {
    let expected = "other.json: the document has no `openapi` version, so it is not an OpenAPI \
                    document; only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    assert_eq!(sentence("other.json", br#"{"hello":"world"}"#), expected);
}

#[test]
fn openapi_without_what_it_must_have() {
    let expected = "partial.json: the document is not valid OpenAPI 3.0: missing field `info`; \
                    correct the document, or take a complete copy of it";
    assert_eq!(
        sentence("partial.json", br#"{"openapi":"3.0.3","paths":{}}"#),
        expected
    );
}

// Documents that can be read, and not be used.

/// Builds a client from this document.
fn built(name: &str, document: &Value) -> String {
    sentence(name, document.to_string().as_bytes())
}

/// A document whose operation is answered with the component `Thing`.
fn referring() -> Value {
    let document = answering(json!({"$ref": "#/components/schemas/Thing"}));
    let thing = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    with(document, "/components/schemas/Thing", thing)
}

#[test]
fn a_reference_to_nowhere() {
    let mut document = referring();
    document["components"]["schemas"] = json!({});
    let expected = "nowhere.json: operation `doIt`: the reference `#/components/schemas/Thing` leads nowhere; \
                    take a complete copy of the document, or correct the reference";
    assert_eq!(built("nowhere.json", &document), expected);
}

#[test]
fn a_circle_of_references() {
    let other = json!({"$ref": "#/components/schemas/Other"});
    let document = with(referring(), "/components/schemas/Thing", other);
    let thing = json!({"$ref": "#/components/schemas/Thing"});
    let document = with(document, "/components/schemas/Other", thing);
    let expected =
        "circle.json: operation `doIt`: the schema `Other` is made of itself, by references or by \
                    allOf, oneOf, anyOf or not; break the circle of references";
    assert_eq!(built("circle.json", &document), expected);
}

#[test]
fn a_circle_of_shared_parts() {
    let reference = json!({"$ref": "#/components/responses/A"});
    let document = with(
        referring(),
        "/paths/~1it/get/responses/200",
        reference.clone(),
    );
    let document = with(document, "/components/responses", json!({"A": reference}));
    let expected = "parts.json: operation `doIt`: the reference `#/components/responses/A` leads back to itself; \
                    break the circle of references";
    assert_eq!(built("parts.json", &document), expected);
}

#[test]
fn a_wanted_operation_that_is_missing() {
    let document = with(referring(), "/paths/~1it/get/operationId", json!("doItNot"));
    let expected = "missing.json: operation `doIt`: the document has no such operation; \
                    it was renamed or removed: change the list of operations in build/documents.rs";
    assert_eq!(built("missing.json", &document), expected);
}

#[test]
fn two_operations_of_one_id() {
    let again = referring()["paths"]["/it"].clone();
    let document = with(referring(), "/paths/~1again", again);
    let expected = "twice.json: operation `doIt`: the document has 2 operations of this id; \
                    give each a unique operationId";
    assert_eq!(built("twice.json", &document), expected);
}

#[test]
fn two_schemas_of_one_rust_name() {
    let member = json!({"$ref": "#/components/schemas/thing"});
    let document = with(
        referring(),
        "/components/schemas/Thing/properties/b",
        member,
    );
    let document = with(
        document,
        "/components/schemas/thing",
        json!({"type": "object"}),
    );
    let expected = "names.json: `Thing` and `thing` would share the type name `Thing`; \
                    rename one of them in the document";
    assert_eq!(built("names.json", &document), expected);
}

#[test]
fn successes_of_two_kinds() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let other = json!({"description": "Done", "content": {"application/json": {"schema": list}}});
    let document = with(referring(), "/paths/~1it/get/responses/201", other);
    let expected =
        "kinds.json: operation `doIt`: its successes differ, and not all of them are objects with \
                    members; describe all successes with one schema";
    assert_eq!(built("kinds.json", &document), expected);
}

#[test]
fn a_type_that_the_generator_refuses() {
    let parameter =
        json!([{"name": "q", "in": "query", "schema": {"type": "string", "pattern": "("}}]);
    let document = with(referring(), "/paths/~1it/get/parameters", parameter);
    let expected = "pattern.json: operation `doIt`: the generator refuses the document: type error invalid schema \
                    for DoItQ: invalid pattern '(' Unbalanced parenthesis; \
                    simplify what it names, or prepare it in a pass of build/";
    assert_eq!(built("pattern.json", &document), expected);
}

#[test]
fn a_document_that_the_generator_panics_about() {
    let parameter = json!([{"name": "it", "in": "path", "schema": {"type": "string"}}]);
    let document = with(referring(), "/paths/~1it/get/parameters", parameter);
    let expected =
        "panic.json: operation `doIt`: the generator refuses the document: it panicked with \
                    \"assertion failed: parameter_data.required\"; \
                    simplify what it names, or prepare it in a pass of build/";
    assert_eq!(built("panic.json", &document), expected);
}
