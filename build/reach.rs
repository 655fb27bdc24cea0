//! What a part of a document reaches, by one reference or by several.

use std::collections::BTreeSet;

use openapiv3::{Components, OpenAPI, ReferenceOr, Schema};
use serde_json::{json, Value};

const SCHEMAS: &str = "#/components/schemas/";

/// Every `$ref` below `value`.
pub fn references(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                found.insert(reference.to_owned());
            }
            members.values().for_each(|member| collect(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// The names of the component schemas that `part` reaches.
pub fn schemas(openapi: &OpenAPI, part: &Value) -> BTreeSet<String> {
    let mut pending = references(part);
    let mut reached = BTreeSet::new();
    while let Some(reference) = pending.pop_first() {
        let name = reference.trim_start_matches(SCHEMAS).to_owned();
        let components = openapi.components.as_ref();
        let schema = components.and_then(|components| components.schemas.get(&name));
        if reached.insert(name) {
            pending.append(&mut references(&json!(schema)));
        }
    }
    reached
}

/// The schema that stands here, or that a reference, or a chain of them, leads to. After `cycles` every chain
/// has an end.
pub fn schema<'a>(
    mut place: &'a ReferenceOr<Schema>,
    components: &'a Components,
) -> Option<&'a Schema> {
    while let ReferenceOr::Reference { reference } = place {
        place = components.schemas.get(reference.strip_prefix(SCHEMAS)?)?;
    }
    place.as_item()
}
