//! Imports the steps of the build. No other module of this tool names one.

#[allow(dead_code)]
#[path = "../../build/mod.rs"]
mod build;

use std::path::Path;

use openapiv3::OpenAPI;
use serde_json::{json, Value};

pub use build::documents::{Document, DOCUMENTS};
pub use build::fault::Fault;
pub use build::read::is_yaml;

/// The most arguments of a method. An operation with more takes a request struct.
pub const ARGUMENTS: usize = 3;

/// Reads a document.
pub fn read(file: &Path) -> Result<Value, Fault> {
    build::read::read(file).map(|openapi| json!(openapi))
}

/// Reads a document, and adds the operations in use that it lacks from the document by hand.
pub fn complete(document: &Document) -> Result<Value, String> {
    build::complete(document).map(|(openapi, _)| json!(openapi))
}

/// Adds these operations from the document by hand.
pub fn supplement(document: &mut Value, by_hand: Value, lacking: &[&str]) -> Result<(), Fault> {
    let by_hand = parse(&by_hand)?;
    change(document, |openapi| {
        build::supplement::supplement(openapi, by_hand, lacking).map(|_| ())
    })
}

/// Returns the source of the client.
pub fn source(document: &Document) -> Result<String, String> {
    let options = build::generate::Options::default();
    build::client(document, &options).map(|client| client.source)
}

/// A document between two steps of the build.
pub struct Steps {
    /// Each type has a name of its own.
    pub described: Value,
    /// Null is part of the place of a schema, and no longer of a component or a parameter.
    pub placed: Value,
    /// Only the members that this crate insists on are required in answers.
    pub directed: Value,
    /// The component schemas that answers are made of.
    pub received: Vec<String>,
    /// The component schemas that requests are made of.
    pub sent: Vec<String>,
}

/// Runs the steps of the build as far as users see their results.
pub fn steps(document: &Value, operations: &[&str]) -> Result<Steps, Fault> {
    let described = build::prepare::describe(parse(document)?, operations)?;
    let mut placed = described.clone();
    build::nulls::move_nulls(&mut placed)?;
    let mut directed = placed.clone();
    build::directions::tell_directions_apart(&mut directed)?;
    Ok(Steps {
        received: build::directions::received(&placed).into_iter().collect(),
        sent: build::directions::sent(&placed).into_iter().collect(),
        described: json!(described),
        placed: json!(placed),
        directed: json!(directed),
    })
}

fn parse(document: &Value) -> Result<OpenAPI, Fault> {
    serde_json::from_value(document.clone())
        .map_err(|error| Fault::new(format!("the document isn't valid OpenAPI 3.0: {error}")))
}

fn change(
    document: &mut Value,
    step: impl FnOnce(&mut OpenAPI) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut openapi = parse(document)?;
    step(&mut openapi)?;
    *document = json!(openapi);
    Ok(())
}

/// The methods that a path can have operations for.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An operation, and where it stands.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    pub path: &'a str,
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
        found.extend(METHODS.iter().filter_map(|method| {
            let operation = item.get(method)?;
            Some(Found {
                path,
                method,
                operation,
            })
        }));
    }
    found
}

/// Returns the members of an object within this one. There are none if it is missing.
pub fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let object = value.get(name).and_then(Value::as_object);
    object.into_iter().flatten()
}

/// Returns the items of a list within this object. There are none if it is missing.
pub fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = value.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// Returns a text within this object.
pub fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// Tells whether the member of this object is `true`.
pub fn is(value: &Value, name: &str) -> bool {
    value.get(name) == Some(&Value::Bool(true))
}
