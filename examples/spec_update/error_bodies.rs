//! The shapes of the errors that a document promises. No type of this crate is made of them, since they
//! are read tolerantly; whoever reads a new document wants to know that they changed.

use openapiv3::{OpenAPI, ReferenceOr, Response};
use serde_json::{json, Map, Value};

use super::surface::Place;

/// Each documented error of these operations, with the shape of its body written out.
pub fn error_bodies(openapi: &OpenAPI, operations: &[&str]) -> Vec<(Place, Value)> {
    let document = json!(openapi);
    let mut found = Vec::new();
    for (_, _, operation) in openapi.operations() {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        if !operations.contains(&id) {
            continue;
        }
        let responses = &operation.responses;
        let coded = responses
            .responses
            .iter()
            .map(|(status, response)| (status.to_string(), response));
        let default = responses
            .default
            .iter()
            .map(|response| ("default".to_owned(), response));
        for (status, response) in coded.chain(default) {
            if !status.starts_with('2') {
                let place = vec![format!("operation {id}"), format!("error {status}")];
                found.push((place, shape_of(response, &document)));
            }
        }
    }
    found
}

fn shape_of(response: &ReferenceOr<Response>, document: &Value) -> Value {
    let shape = shape(&json!(response), document, &mut Vec::new());
    let parts: Map<_, _> = ["content", "headers"]
        .into_iter()
        .filter_map(|part| Some((part.to_owned(), shape.get(part)?.clone())))
        .collect();
    match parts.is_empty() {
        true => Value::Null,
        false => parts.into(),
    }
}

/// The schema without its prose, each reference replaced by what it names.
fn shape(value: &Value, document: &Value, above: &mut Vec<String>) -> Value {
    let Value::Object(members) = value else {
        return match value {
            Value::Array(items) => items
                .iter()
                .map(|item| shape(item, document, above))
                .collect(),
            other => other.clone(),
        };
    };
    if let Some(Value::String(reference)) = members.get("$ref") {
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer));
        return match target {
            Some(target) if !above.contains(reference) => {
                above.push(reference.clone());
                let shape = shape(target, document, above);
                above.pop();
                shape
            }
            _ => value.clone(),
        };
    }
    let kept = members
        .iter()
        .filter(|(keyword, _)| !is_prose(keyword))
        .map(|(keyword, value)| {
            let value = match (keyword.as_str(), value) {
                // The keys of this one are names of members, whatever they are.
                ("properties", Value::Object(properties)) => properties
                    .iter()
                    .map(|(name, member)| (name.clone(), shape(member, document, above)))
                    .collect::<Map<_, _>>()
                    .into(),
                // Sets, in whatever order they are written.
                ("required" | "enum", Value::Array(values)) => {
                    let mut values = values.clone();
                    values.sort_by_key(Value::to_string);
                    values.into()
                }
                _ => shape(value, document, above),
            };
            (keyword.clone(), value)
        })
        .collect::<Map<_, _>>();
    kept.into()
}

fn is_prose(keyword: &str) -> bool {
    let prose = [
        "description",
        "summary",
        "title",
        "example",
        "examples",
        "externalDocs",
    ];
    prose.contains(&keyword) || keyword.starts_with("x-")
}
