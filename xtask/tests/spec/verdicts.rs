//! Changes a small document, and returns the lines about the change.

use serde_json::{json, Value};
use xtask::changes::changes;
use xtask::surface::Surface;

pub const OPERATION: &str = "/paths/~1things/post";
pub const REQUEST: &str = "/components/schemas/Request";
pub const ANSWER: &str = "/components/schemas/Answer";

/// Returns a document with one operation. Its request has a required member, its answer a key.
pub fn document() -> Value {
    let json_of = |schema: Value| json!({"application/json": {"schema": schema}});
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "A test", "version": "1"},
        "servers": [{"url": "https://api.example"}],
        "paths": {"/things": {"post": {
            "operationId": "doIt",
            "description": "Does it.",
            "parameters": [{"name": "count", "in": "query", "schema": {"type": "integer"}}],
            "requestBody": {"required": true, "content": json_of(reference("Request"))},
            "responses": {
                "200": {"description": "Done", "content": json_of(reference("Answer"))},
                "403": {"description": "No", "content": json_of(json!({
                    "type": "object", "properties": {"detail": {"type": "string"}}
                }))},
            },
        }}},
        "components": {"schemas": {
            "Request": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"},
                "label": {"type": "string", "maxLength": 10},
                "trigger": reference("Trigger"),
                "options": reference("Options"),
            }},
            "Options": {"type": "object", "properties": {"quick": {"type": "boolean"}}},
            "Answer": {"type": "object", "required": ["shared_key"], "properties": {
                "shared_key": {"type": "string"},
                "name": {"type": "string", "maxLength": 10},
                "triggers": {"type": "array", "items": reference("Trigger")},
                "numbers": reference("Numbers"),
            }},
            "Numbers": {"type": "object", "properties": {
                "all": {"type": "array", "items": {"type": "string"}},
            }},
            "Trigger": {"type": "string", "enum": ["created", "deleted"]},
        }},
    })
}

pub fn surface(document: Value) -> Surface {
    Surface::of(&document, &["doIt"]).unwrap()
}

/// Returns the lines about a document that differs in what `change` does to the value at `pointer`.
pub fn verdicts(pointer: &str, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut new = document();
    change(new.pointer_mut(pointer).unwrap());
    lines(&surface(document()), &surface(new))
}

/// Returns the lines about two surfaces.
pub fn lines(old: &Surface, new: &Surface) -> Vec<String> {
    changes(old, new).iter().map(ToString::to_string).collect()
}

/// Returns the lines about a document in which `name` is `value` at `pointer`.
pub fn set(pointer: &str, name: &str, value: Value) -> Vec<String> {
    verdicts(pointer, |place| place[name] = value)
}

/// Returns the lines about a document in which `name` is missing at `pointer`.
pub fn without(pointer: &str, name: &str) -> Vec<String> {
    verdicts(pointer, |place| {
        place.as_object_mut().unwrap().remove(name).unwrap();
    })
}

/// Checks the lines about each change.
pub fn check<const N: usize>(changes: [(&str, Vec<String>, &str); N]) {
    for (what, lines, expected) in changes {
        assert_eq!(lines.join("\n"), expected, "{what}");
    }
}

/// Returns a string schema.
pub fn string() -> Value {
    json!({"type": "string"})
}
