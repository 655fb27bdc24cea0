//! Finds operations and schemas in a document.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The prefix of a reference to a component schema.
const SCHEMAS: &str = "#/components/schemas/";

/// The methods of the requests that clients make.
const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// An operation, and where it stands.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    pub path: &'a str,
    /// The description of all operations of the path.
    pub item: &'a Value,
    pub method: &'a str,
    pub operation: &'a Value,
}

impl<'a> Found<'a> {
    /// Returns its `operationId`.
    pub fn id(&self) -> &'a str {
        text(self.operation, "operationId").unwrap_or_default()
    }

    /// Returns its parameters: its own, and those of its path.
    pub fn parameters(&self) -> impl Iterator<Item = &'a Value> {
        items(self.operation, "parameters").chain(items(self.item, "parameters"))
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
    let members = value.get(name).and_then(Value::as_object);
    members.into_iter().flatten()
}

/// Returns the members of an object within this one, to be changed.
pub fn members_mut<'a>(
    value: &'a mut Value,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    let members = value.get_mut(name).and_then(Value::as_object_mut);
    members.into_iter().flatten()
}

/// Returns the items of a list within this object. There are none if it is missing.
pub fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let items = value.get(name).and_then(Value::as_array);
    items.into_iter().flatten()
}

/// Returns a text within this object.
pub fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// Tells whether the member of this object is `true`.
pub fn is(value: &Value, name: &str) -> bool {
    value.get(name) == Some(&Value::Bool(true))
}

/// Removes a member of this object.
pub fn remove(value: &mut Value, name: &str) {
    let members = value.as_object_mut();
    members.and_then(|members| members.remove(name));
}

/// Returns the type of the schema.
pub fn type_of(schema: &Value) -> Option<&str> {
    text(schema, "type")
}

/// Tells whether the schema is a list of texts to choose from.
pub fn is_enum_of_texts(schema: &Value) -> bool {
    type_of(schema) == Some("string") && schema.get("enum").is_some()
}

/// Returns the name of the component that stands here as a reference.
pub fn component(schema: &Value) -> Option<&str> {
    text(schema, "$ref")?.strip_prefix(SCHEMAS)
}

/// Returns the component schemas.
pub fn components(document: &Value) -> Map<String, Value> {
    let schemas = document.pointer("/components/schemas");
    let schemas = schemas.and_then(Value::as_object);
    schemas.cloned().unwrap_or_default()
}

/// Returns the component schemas, to be changed.
pub fn components_mut(document: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    members_mut(&mut document["components"], "schemas")
}

/// Returns the schemas of the parameters, to be changed.
pub fn parameters_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = members_mut(document, "paths");
    let operations = items.filter_map(|(_, item)| item.as_object_mut());
    let operations = operations.flat_map(Map::values_mut);
    let parameters = operations.filter_map(|operation| operation.get_mut("parameters"));
    let parameters = parameters.filter_map(Value::as_array_mut).flatten();
    parameters.filter_map(|parameter| parameter.get_mut("schema"))
}

/// Returns the names of the components that answers are made of.
pub fn received(document: &Value) -> BTreeSet<String> {
    reached(document, &["responses"])
}

/// Returns the names of the components that requests are made of.
pub fn sent(document: &Value) -> BTreeSet<String> {
    reached(document, &["requestBody", "parameters"])
}

/// Returns the names of the components that these parts of the operations reach.
pub fn reached(document: &Value, parts: &[&str]) -> BTreeSet<String> {
    let components = components(document);
    let mut pending = BTreeSet::new();
    for found in operations(document) {
        let parts = parts.iter().filter_map(|part| found.operation.get(part));
        pending.extend(parts.flat_map(references));
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = pending.pop_first() {
        if let Some(schema) = components.get(&name) {
            if reached.insert(name) {
                pending.extend(references(schema));
            }
        }
    }
    reached
}

/// Returns the names of the components that a part of a document refers to.
pub fn references(value: &Value) -> BTreeSet<String> {
    let below: Vec<_> = match value {
        Value::Object(members) => members.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    let mut found: BTreeSet<_> = below.into_iter().flat_map(references).collect();
    found.extend(component(value).map(str::to_owned));
    found
}

/// Returns the schemas directly within this one: of its members, or of its items.
pub fn parts(schema: &mut Value) -> Vec<&mut Value> {
    let mut parts = Vec::new();
    for (keyword, value) in schema.as_object_mut().into_iter().flatten() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(members)) => parts.extend(members.values_mut()),
            ("items", items) => parts.push(items),
            _ => {}
        }
    }
    parts
}
