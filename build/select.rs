//! Cuts a document to the wanted operations, their successes, and the schemas that these reference.
//!
//! PandaDoc's document 8.8.0 describes 127 operations, of which eight are wanted. Nothing else in a document
//! can stop the build, because no later step sees it. Documented errors are cut too, except for their
//! descriptions. The generator would decode each into one type, and lose the status and body of those that
//! don't fit.
//!
//! Extensions (`x-…`) are cut. Later passes use extensions to instruct the generator. With the same ones a
//! document could choose the Rust type of a key.

use serde_json::{json, Map, Value};

use super::all_of::joined;
use super::checks::{known, known_schema, ANSWER, BODY, MEDIA_TYPE, OPERATION, PARAMETER, PATH};
use super::fault::Fault;
use super::schema::{component, members, members_mut, operations, text, Found};

/// The extension in which an operation has the descriptions of its errors, by status.
pub const ERRORS: &str = "x-errors";

/// Returns the document with the wanted operations alone. Each must be there exactly once.
pub fn select(document: &Value, wanted: &[&str]) -> Result<Value, Fault> {
    let mut cut = Cut {
        document,
        schemas: Map::new(),
        pending: Vec::new(),
    };
    let mut paths = json!({});
    for id in wanted {
        let operation = find(document, id).and_then(|found| {
            paths[found.path][found.method] = cut.operation(&found)?;
            Ok(())
        });
        operation.map_err(|fault| fault.in_operation(id))?;
    }
    while let Some(name) = cut.pending.pop() {
        if !cut.schemas.contains_key(&name) {
            let schema = &document["components"]["schemas"][&name];
            let schema = cut
                .schema(schema, true)
                .map_err(|fault| fault.in_schema(&name))?;
            cut.schemas.insert(name, schema);
        }
    }
    Ok(json!({
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": paths,
        "components": {"schemas": cut.schemas},
    }))
}

fn find<'a>(document: &'a Value, id: &str) -> Result<Found<'a>, Fault> {
    let mut found = operations(document);
    found.retain(|found| found.id() == id);
    match found[..] {
        [found] => Ok(found),
        _ => Err(Fault::new(format!("the document has {} operations of this id", found.len()))
            .hint("it was renamed, removed or doubled: change the list of operations in build/documents.rs")),
    }
}

struct Cut<'a> {
    document: &'a Value,
    /// The component schemas that are cut.
    schemas: Map<String, Value>,
    /// The names of others.
    pending: Vec<String>,
}

impl Cut<'_> {
    fn operation(&mut self, found: &Found) -> Result<Value, Fault> {
        known(found.item, "its path", PATH)?;
        let mut operation = known(found.operation, "it", OPERATION)?;
        let parameters = found.parameters().map(|parameter| {
            let parameter = known(parameter, "a parameter", PARAMETER)?;
            self.with_schema(parameter)
        });
        let parameters: Vec<_> = parameters.collect::<Result<_, _>>()?;
        operation.insert("parameters".to_owned(), parameters.into());
        if let Some(body) = operation.get_mut("requestBody") {
            *body = self.content(body, "its body", BODY)?;
        }
        let (mut answers, mut errors) = (json!({}), json!({}));
        for (status, response) in members(found.operation, "responses") {
            if status.starts_with('2') {
                answers[status] = self.content(response, "its answer", ANSWER)?;
            } else {
                errors[status] = self.description(response).into();
            }
        }
        operation.insert("responses".to_owned(), answers);
        operation.insert(ERRORS.to_owned(), errors);
        Ok(operation.into())
    }

    /// Returns the description of a response, which may be one that operations share.
    fn description<'r>(&'r self, response: &'r Value) -> &'r str {
        let shared = text(response, "$ref").and_then(|reference| reference.strip_prefix('#'));
        let shared = shared.and_then(|pointer| self.document.pointer(pointer));
        text(shared.unwrap_or(response), "description").unwrap_or_default()
    }

    fn content(&mut self, body: &Value, what: &str, keywords: &str) -> Result<Value, Fault> {
        let mut body = known(body, what, keywords)?.into();
        for (_, media) in members_mut(&mut body, "content") {
            *media = self.with_schema(known(media, what, MEDIA_TYPE)?)?;
        }
        Ok(body)
    }

    fn with_schema(&mut self, mut part: Map<String, Value>) -> Result<Value, Fault> {
        if let Some(schema) = part.get_mut("schema") {
            *schema = self.schema(schema, false)?;
        }
        Ok(part.into())
    }

    fn schema(&mut self, schema: &Value, is_component: bool) -> Result<Value, Fault> {
        let schema = &joined(schema, &self.document["components"]["schemas"])?;
        if let (false, Some(reference)) = (is_component, text(schema, "$ref")) {
            let name = component(schema);
            let Some(name) =
                name.filter(|it| !self.document["components"]["schemas"][it].is_null())
            else {
                return Err(Fault::new(format!(
                    "the reference `{reference}` names no component schema of this document"
                ))
                .hint(
                    "take a complete copy of the document, or make a component of what it names",
                ));
            };
            self.pending.push(name.to_owned());
            return Ok(json!({"$ref": reference}));
        }
        let mut schema = known_schema(schema, is_component)?.into();
        for (_, member) in members_mut(&mut schema, "properties") {
            *member = self.schema(member, false)?;
        }
        if let Some(items) = schema.get_mut("items") {
            *items = self.schema(items, false)?;
        }
        Ok(schema)
    }
}
