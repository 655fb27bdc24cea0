//! Small OpenAPI documents, and the build's steps to put them through.

#![allow(dead_code)]

#[path = "../../build/mod.rs"]
pub mod steps;

use serde_json::{json, Value};

use steps::emit::constructors::add_constructors;
use steps::emit::generate::{generate, Options};
use steps::emit::methods;
use steps::emit::source::check_names;
use steps::fault::Fault;
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

/// The document as the generator gets it.
pub fn prepared(document: Value) -> Value {
    prepare(&document, &["doIt"], "test").unwrap()
}

/// The sentence that stops the build.
pub fn fault(document: Value) -> String {
    let prepared = prepare(&document, &["doIt"], "test");
    prepared.unwrap_err().to_string()
}

/// The generated source, white space taken out.
pub fn source(document: Value) -> String {
    generated(document).unwrap()
}

/// The sentence with which the generator stops the build.
pub fn refusal(document: Value) -> String {
    generated(document).unwrap_err().to_string()
}

fn generated(document: Value) -> Result<String, Fault> {
    let prepared = prepared(document);
    let mut client = generate(&prepared, &Options::default())?;
    methods::rewrite(&prepared, &mut client)?;
    add_constructors(&prepared, &mut client)?;
    check_names(&client)?;
    Ok(quote::quote!(#client).to_string().replace(' ', ""))
}
