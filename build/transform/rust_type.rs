//! Schemas that become a Rust type of this crate or of the standard library. The extension `x-rust-type` names it to the
//! generator.

use serde_json::{json, Value};

const EXTENSION: &str = "x-rust-type";

/// `generate` tells the generator that it may name types of these.
const OURS: &str = "webhook-subscriptions";
const STD: &str = "std";

/// Makes a type of this crate of the schema.
pub fn becomes_ours(schema: &mut Value, path: &str) {
    let path = format!("webhook_subscriptions::{path}");
    schema[EXTENSION] = rust_type(OURS, &path, json!([]));
}

/// Makes a `Nullable` of the schema.
pub fn becomes_nullable(schema: &mut Value) {
    schema["nullable"] = json!(false);
    schema[EXTENSION] = nullable(schema);
}

/// Makes a `Nullable` of what the schema describes. The generator looks at nothing but the extension.
pub fn nullable_of(schema: &Value) -> Value {
    json!({"type": "object", EXTENSION: nullable(schema)})
}

/// Makes an `Option` of what the schema describes.
pub fn option_of(schema: &Value) -> Value {
    let option = rust_type(STD, "std::option::Option", json!([schema]));
    json!({"type": "object", EXTENSION: option})
}

fn nullable(schema: &Value) -> Value {
    rust_type(OURS, "webhook_subscriptions::Nullable", json!([schema]))
}

fn rust_type(krate: &str, path: &str, parameters: Value) -> Value {
    json!({"crate": krate, "version": "*", "path": path, "parameters": parameters})
}
