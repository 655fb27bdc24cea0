//! Finds operations and schemas in a document.

use std::collections::BTreeSet;

use serde_json::{json, Map, Value};

use super::fault::Fault;

/// The prefix of a reference to a component schema.
pub const SCHEMAS: &str = "#/components/schemas/";

/// The methods that a path can have operations for.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Where an operation holds a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Parameter,
    Body,
    Response,
}

/// An operation, and where it stands.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    pub path: &'a str,
    /// What is said of all operations of the path.
    pub item: &'a Value,
    pub method: &'a str,
    pub operation: &'a Value,
}

impl<'a> Found<'a> {
    /// Returns its `operationId`.
    pub fn id(&self) -> &'a str {
        text(self.operation, "operationId").unwrap_or_default()
    }
}

/// Returns every operation of the document.
pub fn operations(document: &Value) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for (path, item) in members(document, "paths") {
        // An extension is not a path.
        if !path.starts_with("x-") {
            found.extend(METHODS.iter().filter_map(|method| {
                let operation = item.get(method)?;
                Some(Found {
                    path,
                    item,
                    method,
                    operation,
                })
            }));
        }
    }
    found
}

/// Returns the members of an object within this one. There are none if it is missing.
pub fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value
        .get(name)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// Returns the items of a list within this object. There are none if it is missing.
pub fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// Returns a text within this object.
pub fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// Tells whether this object has the member, and not as an empty list or object.
pub fn has(value: &Value, name: &str) -> bool {
    match value.get(name) {
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        other => other.is_some(),
    }
}

/// Tells whether the member of this object is `true`.
pub fn is(value: &Value, name: &str) -> bool {
    value.get(name) == Some(&Value::Bool(true))
}

/// Removes members of an object.
pub fn remove(value: &mut Value, names: &[&str]) {
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| !names.contains(&name.as_str()));
    }
}

/// Returns the type that the schema names.
pub fn type_of(schema: &Value) -> Option<&str> {
    text(schema, "type")
}

/// Returns the name of the component that stands here as a reference.
pub fn component(schema: &Value) -> Option<&str> {
    text(schema, "$ref")?.strip_prefix(SCHEMAS)
}

/// Makes a reference to a component.
pub fn reference(name: &str) -> Value {
    json!({"$ref": format!("{SCHEMAS}{name}")})
}

/// Returns the component that is an `allOf` of one reference. After `compose`, it may be null: OpenAPI 3.0 can
/// write `nullable` beside a reference only in this way.
pub fn wrapped(schema: &Value) -> Option<&str> {
    match schema.get("allOf")?.as_array()?.as_slice() {
        [only] => component(only),
        _ => None,
    }
}

/// Returns the component schemas.
pub fn components(document: &Value) -> Map<String, Value> {
    let schemas = document.pointer("/components/schemas");
    schemas
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// Returns the component schemas, to be changed.
pub fn components_mut(document: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let schemas = document.pointer_mut("/components/schemas");
    schemas.and_then(Value::as_object_mut).into_iter().flatten()
}

/// Returns the schema that stands here, or that a chain of references leads to. `checks` has found that every chain
/// ends.
pub fn described<'a>(
    mut schema: &'a Value,
    components: &'a Map<String, Value>,
) -> Option<&'a Value> {
    while schema.get("$ref").is_some() {
        schema = components.get(component(schema)?)?;
    }
    Some(schema)
}

/// Returns the names of the component schemas that these parts of a document reach.
pub fn reached<'a>(
    components: &Map<String, Value>,
    parts: impl IntoIterator<Item = &'a Value>,
) -> BTreeSet<String> {
    let mut pending = BTreeSet::new();
    for part in parts {
        references(part, &mut pending);
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = pending.pop_first() {
        if let Some(schema) = components.get(&name) {
            let mut below = BTreeSet::new();
            references(schema, &mut below);
            pending.extend(below.into_iter().filter(|below| !reached.contains(below)));
        }
        reached.insert(name);
    }
    reached
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    found.extend(component(value).map(str::to_owned));
    match value {
        Value::Object(members) => members.values().for_each(|it| references(it, found)),
        Value::Array(items) => items.iter().for_each(|it| references(it, found)),
        _ => {}
    }
}

/// Returns what a schema is made of, each part with the words that its place adds to a name.
pub fn parts(schema: &mut Value) -> Vec<(String, &mut Value)> {
    let mut parts = Vec::new();
    for (keyword, value) in schema.as_object_mut().into_iter().flatten() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(members)) => {
                let members = members.iter_mut();
                parts.extend(members.map(|(name, member)| (name.clone(), member)));
            }
            ("additionalProperties", value @ Value::Object(_)) => {
                parts.push(("value".to_owned(), value));
            }
            ("items", value) => parts.push(("item".to_owned(), value)),
            ("not", value) => parts.push(("not".to_owned(), value)),
            ("allOf" | "oneOf" | "anyOf", Value::Array(alternatives)) => {
                let numbered = alternatives.iter_mut().enumerate();
                parts.extend(numbered.map(|(n, part)| (format!("variant {n}"), part)));
            }
            _ => {}
        }
    }
    parts
}

/// Returns the schemas that an operation starts from, each with the words that its place adds to a name.
pub fn roots(operation: &mut Value) -> Vec<(Place, String, &mut Value)> {
    let mut roots = Vec::new();
    for (part, value) in operation.as_object_mut().into_iter().flatten() {
        match part.as_str() {
            "parameters" => {
                for parameter in value.as_array_mut().into_iter().flatten() {
                    let name = text(parameter, "name").unwrap_or_default().to_owned();
                    let schema = parameter.get_mut("schema");
                    roots.extend(schema.map(|schema| (Place::Parameter, name, schema)));
                }
            }
            "requestBody" => roots.extend(content(value, Place::Body, "body")),
            "responses" => {
                for response in value.as_object_mut().into_iter().flat_map(Map::values_mut) {
                    roots.extend(content(response, Place::Response, "response"));
                }
            }
            _ => {}
        }
    }
    roots
}

fn content<'a>(
    value: &'a mut Value,
    place: Place,
    words: &'a str,
) -> impl Iterator<Item = (Place, String, &'a mut Value)> {
    let content = value.get_mut("content").and_then(Value::as_object_mut);
    let media = content.into_iter().flat_map(Map::values_mut);
    media
        .filter_map(|media| media.get_mut("schema"))
        .map(move |schema| (place, words.to_owned(), schema))
}

/// Changes the schemas that every operation starts from.
pub fn each_root(
    document: &mut Value,
    mut change: impl FnMut(Place, &str, &mut Value) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut);
    for operation in items
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
    {
        let id = text(operation, "operationId")
            .unwrap_or_default()
            .to_owned();
        for (place, words, schema) in roots(operation) {
            change(place, &format!("{id} {words}"), schema)
                .map_err(|fault| fault.in_operation(&id))?;
        }
    }
    Ok(())
}

/// Changes the schemas that every operation starts from, and every component.
pub fn each_schema(
    document: &mut Value,
    mut change: impl FnMut(&mut Value) -> Result<(), Fault>,
) -> Result<(), Fault> {
    each_root(document, |_, _, schema| change(schema))?;
    for (name, schema) in components_mut(document) {
        change(schema).map_err(|fault| fault.in_schema(name))?;
    }
    Ok(())
}

/// Changes a schema, and then all that it is made of.
pub fn each_part(
    schema: &mut Value,
    change: &mut dyn FnMut(&mut Value) -> Result<(), Fault>,
) -> Result<(), Fault> {
    change(schema)?;
    let mut parts = parts(schema).into_iter();
    parts.try_for_each(|(_, part)| each_part(part, change))
}
