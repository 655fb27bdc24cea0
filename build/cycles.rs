//! Pass: no schema is made of itself.
//!
//! A schema that has itself among its members, as a tree has, is one that the generator makes a type of. One
//! that is nothing but itself, by references and by `allOf` and its like, has no type, and the generator
//! would look for one without end.

use std::collections::BTreeSet;

use openapiv3::{OpenAPI, ReferenceOr, Schema};
use serde_json::{json, Value};

use super::fault::Fault;
use super::reach;
use super::walk::operation_id;

/// Stops the build at the first circle that an operation reaches.
pub fn check_cycles(openapi: &OpenAPI) -> Result<(), Fault> {
    for (_, _, operation) in openapi.operations() {
        for name in reach::schemas(openapi, &json!(operation)) {
            if is_made_of_itself(openapi, &name) {
                return Err(Fault::new(format!(
                    "the schema `{name}` is made of itself, by references or by allOf, oneOf, anyOf or not"
                ))
                .in_operation(operation_id(operation))
                .mend("break the circle of references"));
            }
        }
    }
    Ok(())
}

fn is_made_of_itself(openapi: &OpenAPI, name: &str) -> bool {
    let mut pending = made_of(openapi, name);
    let mut seen = BTreeSet::new();
    while let Some(next) = pending.pop_first() {
        if next == name {
            return true;
        }
        if seen.insert(next.clone()) {
            pending.append(&mut made_of(openapi, &next));
        }
    }
    false
}

/// The components that a component refers to in its own place, not in that of a member or an item.
fn made_of(openapi: &OpenAPI, name: &str) -> BTreeSet<String> {
    let components = openapi.components.as_ref();
    let schema: Option<&ReferenceOr<Schema>> =
        components.and_then(|components| components.schemas.get(name));
    let mut found = BTreeSet::new();
    collect(&json!(schema), &mut found);
    found
}

fn collect(schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap_or_default();
        found.insert(name.to_owned());
    }
    if let Some(not) = schema.get("not") {
        collect(not, found);
    }
    for kind in ["allOf", "oneOf", "anyOf"] {
        let parts = schema.get(kind).and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            collect(part, found);
        }
    }
}
