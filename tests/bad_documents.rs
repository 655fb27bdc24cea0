//! A document that cannot be used stops the build with one sentence: file, place, what to do.

#[path = "support/document.rs"]
mod document;

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use document::steps::documents::Document;
use document::steps::{client, generate::Options};
use document::{answering, refusal, with};
use serde_json::json;

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
fn a_file_that_is_empty() {
    let expected =
        "empty.json: the document is not JSON: EOF while parsing a value at line 1 column 0; \
                    take a complete copy of it; a YAML document needs the extension .yaml";
    assert_eq!(sentence("empty.json", b""), expected);
}

#[test]
fn a_file_that_is_no_json() {
    let expected = "html.json: the document is not JSON: expected value at line 1 column 1; \
                    take a complete copy of it; a YAML document needs the extension .yaml";
    assert_eq!(sentence("html.json", b"<html>"), expected);
}

#[test]
fn a_file_that_is_no_yaml() {
    let sentence = sentence("broken.yaml", b"openapi: [3.0.3");
    assert!(
        sentence.starts_with("broken.yaml: the document is not YAML: "),
        "{sentence}"
    );
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

#[test]
fn what_the_generator_refuses_is_said_with_its_operation() {
    let mut document = answering(json!({"type": "string"}));
    let path = document["paths"]["/it"].take();
    let document = with(document, "/paths", json!({"/it/{id": path}));
    let expected = "operation `doIt`: the generator refuses the document: invalid operation path unterminated \
                    parameter; simplify what it names, or prepare it in a pass of build/";
    assert_eq!(refusal(document), expected);
}

#[test]
fn where_the_generator_panics_its_operation_is_said_too() {
    let parameter = json!([{"name": "it", "in": "path", "schema": {"type": "string"}}]);
    let document = answering(json!({"type": "string"}));
    let document = with(document, "/paths/~1it/get/parameters", parameter);
    let expected = "operation `doIt`: the generator refuses the document: it panicked with \
                    \"assertion failed: parameter_data.required\"; \
                    simplify what it names, or prepare it in a pass of build/";
    assert_eq!(refusal(document), expected);
}
