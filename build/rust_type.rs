//! Schemas that become a Rust type of this crate or of the standard library, named to the generator by the
//! extension `x-rust-type`.

use openapiv3::{ObjectType, Schema, SchemaData, SchemaKind, Type};
use serde_json::{json, Value};

const EXTENSION: &str = "x-rust-type";

/// The generator is told in `generate` that it may name types of these.
const OURS: &str = "webhook-subscriptions";
const STD: &str = "std";

/// Makes a type of this crate of the schema.
pub fn becomes_ours(schema: &mut Schema, path: &str) {
    let path = format!("webhook_subscriptions::{path}");
    set(schema, rust_type(OURS, &path, json!([])));
}

/// Makes a `Nullable` of the schema.
pub fn becomes_nullable(schema: &mut Schema) {
    schema.schema_data.nullable = false;
    let value = json!([schema]);
    set(schema, nullable(value));
}

/// A `Nullable` of what the schema describes.
pub fn nullable_of(schema: &Value) -> Schema {
    around(nullable(json!([schema])))
}

/// An `Option` of what the schema describes.
pub fn option_of(schema: &Value) -> Schema {
    around(rust_type(STD, "std::option::Option", json!([schema])))
}

/// A `Box` of what the schema describes. The generator boxes what holds itself, but looks for it neither in an
/// `Option` nor in a `Nullable` of this kind.
pub fn box_of(schema: &Value) -> Schema {
    around(rust_type(STD, "std::boxed::Box", json!([schema])))
}

fn nullable(parameters: Value) -> Value {
    rust_type(OURS, "webhook_subscriptions::Nullable", parameters)
}

fn rust_type(krate: &str, path: &str, parameters: Value) -> Value {
    json!({"crate": krate, "version": "*", "path": path, "parameters": parameters})
}

fn set(schema: &mut Schema, rust_type: Value) {
    let extensions = &mut schema.schema_data.extensions;
    extensions.insert(EXTENSION.to_owned(), rust_type);
}

/// The generator looks at nothing but the extension.
fn around(rust_type: Value) -> Schema {
    let mut schema = Schema {
        schema_data: SchemaData::default(),
        schema_kind: SchemaKind::Type(Type::Object(ObjectType::default())),
    };
    set(&mut schema, rust_type);
    schema
}
