//! Small OpenAPI documents, and the build's steps to put them through.

#![allow(dead_code)]

#[path = "../../build/mod.rs"]
pub mod steps;

use openapiv3::OpenAPI;
use serde_json::{json, Value};

use steps::generate::{generate, Options};
use steps::prepare::prepare;

/// A document with one operation, `doIt`, answered with `schema`.
pub fn answering(schema: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "A test", "version": "1"},
        "paths": {"/it": {"get": {
            "operationId": "doIt",
            "responses": {"200": {
                "description": "Done",
                "content": {"application/json": {"schema": schema}}
            }}
        }}},
        "components": {"schemas": {}}
    })
}

/// Puts `value` where `pointer` leads; all but its last step must be there.
pub fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/");
    document.pointer_mut(parent).unwrap()[name] = value;
    document
}

pub fn parse(document: Value) -> OpenAPI {
    serde_json::from_value(document).unwrap()
}

/// The document as the generator gets it.
pub fn prepared(document: Value) -> Value {
    let prepared = prepare(parse(document), &["doIt"], "test").unwrap();
    serde_json::to_value(prepared).unwrap()
}

/// The sentence that stops the build.
pub fn fault(document: Value) -> String {
    prepare(parse(document), &["doIt"], "test")
        .unwrap_err()
        .to_string()
}

/// The generated source, white space taken out.
pub fn source(document: Value) -> String {
    let prepared = prepare(parse(document), &["doIt"], "test").unwrap();
    let client = generate(&prepared, &Options::default()).unwrap();
    quote::quote!(#client).to_string().replace(' ', "")
}

/// The sentence with which the generator stops the build.
pub fn refusal(document: Value) -> String {
    let prepared = prepare(parse(document), &["doIt"], "test").unwrap();
    let refused = generate(&prepared, &Options::default());
    refused.err().unwrap().to_string()
}
