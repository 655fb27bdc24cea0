//! A file that cannot be used stops the build with one sentence: file, place, what to do.

use crate::document;

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use document::steps::documents::Document;
use document::steps::{emit::generate::Options, sources};
use document::{answering, object, with};
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
    sources(&document, &Options::default()).unwrap_err()
}

const COMPLETE: &str = "take a complete copy of it; a YAML document needs the extension .yaml";

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
fn a_file_that_is_no_json() {
    for (name, content, why) in [
        ("html.json", "<html>", "expected value at line 1 column 1"),
        (
            "empty.json",
            "",
            "EOF while parsing a value at line 1 column 0",
        ),
    ] {
        let expected = format!("{name}: the document is not JSON: {why}; {COMPLETE}");
        assert_eq!(sentence(name, content.as_bytes()), expected);
    }
}

#[test]
fn a_file_that_is_no_yaml() {
    let expected = "broken.yaml: the document is not YAML: did not find expected ',' or ']' at line 2 column 1, while \
                    parsing a flow sequence at line 1 column 10; correct the document; keys such as status codes must be \
                    quoted";
    assert_eq!(sentence("broken.yaml", b"openapi: [3.0.3"), expected);
}

#[test]
fn a_file_that_is_no_openapi_3_0() {
    for (name, content, version) in [
        ("new.json", r#"{"openapi":"3.1.0"}"#, "3.1.0"),
        ("old.yaml", "swagger: '2.0'", "2.0"),
        ("other.json", r#"{"hello":"world"}"#, "of no version"),
        ("empty.yaml", " \n", "of no version"),
    ] {
        let expected = format!(
            "{name}: the document is OpenAPI {version}, not 3.0; \
             only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition"
        );
        assert_eq!(sentence(name, content.as_bytes()), expected);
    }
}

#[test]
fn openapi_without_what_it_must_have() {
    let expected = "partial.json: the document is not valid OpenAPI 3.0: missing field `title`; \
                    correct the document, or take a complete copy of it";
    let document = with(
        answering(object(json!({}))),
        "/info",
        json!({"version": "1"}),
    );
    assert_eq!(
        sentence("partial.json", document.to_string().as_bytes()),
        expected
    );
}

#[test]
fn what_the_generator_refuses_or_panics_about() {
    let schema = json!({"type": "integer", "enum": ["a"]});
    let refused =
        json!({"name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/Kind"}});
    let panicked = json!({"name": "it", "in": "path", "schema": {"type": "string"}});
    for (name, parameter, why) in [
        (
            "refused.json",
            refused,
            "type error value does not conform to the given schema",
        ),
        (
            "panicked.json",
            panicked,
            "it panicked with \"assertion failed: parameter_data.required\"",
        ),
    ] {
        let document = answering(json!({"type": "string"}));
        let document = with(document, "/components/schemas/Kind", schema.clone());
        let document = with(document, "/paths/~1it/get/parameters", json!([parameter]));
        let expected = format!(
            "{name}: operation `doIt`: the generator rejects the document: {why}; simplify what it names, or prepare \
             it in build/transform/"
        );
        assert_eq!(sentence(name, document.to_string().as_bytes()), expected);
    }
}

#[test]
fn a_document_that_is_nested_too_deep() {
    let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let expected = format!(
        "deep.json: the document is not JSON: recursion limit exceeded at line 1 column 128; {COMPLETE}"
    );
    assert_eq!(sentence("deep.json", nested.as_bytes()), expected);
}

#[test]
fn aliases_of_yaml_that_double() {
    let mut yaml = String::from("openapi: 3.0.3\nx-0: &a0 [0, 0, 0, 0, 0, 0, 0, 0]\n");
    for n in 1..8 {
        let before = vec![format!("*a{}", n - 1); 8].join(", ");
        yaml += &format!("x-{n}: &a{n} [{before}]\n");
    }
    let expected = "aliases.yaml: the document is not YAML: repetition limit exceeded; correct the document; keys such \
                    as status codes must be quoted";
    assert_eq!(sentence("aliases.yaml", yaml.as_bytes()), expected);
}
