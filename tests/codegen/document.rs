//! Small OpenAPI documents, and the build's steps to put them through.

#![allow(dead_code)]

#[path = "../../build/mod.rs"]
pub mod steps;

use serde_json::{json, Value};

use steps::emit::{client, generate::Options};
use steps::prepare;

/// A document with one operation, `doIt`, that is answered with the component `Answer`.
pub fn answering(schema: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "A test", "version": "1"},
        "paths": {"/it": {"get": {
            "operationId": "doIt",
            "responses": {"200": {"description": "Done", "content": json_of("Answer")}}
        }}},
        "components": {"schemas": {"Answer": schema}}
    })
}

/// A document with one operation, `doIt`, that sends the component `Body`.
pub fn sending(schema: Value) -> Value {
    let document = answering(json!({"type": "string"}));
    let body = json!({"required": true, "content": json_of("Body")});
    let document = with(document, "/paths/~1it/get/requestBody", body);
    with(document, "/components/schemas/Body", schema)
}

/// A reference to a component schema.
pub fn reference(component: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{component}")})
}

/// A body that is a component.
pub fn json_of(component: &str) -> Value {
    json!({"application/json": {"schema": reference(component)}})
}

/// An object with these members.
pub fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
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
    let client = client(&prepared(document), &Options::default()).unwrap();
    quote::quote!(#client).to_string().replace(' ', "")
}
