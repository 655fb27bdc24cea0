//! Cuts a document to the wanted operations, their successes, and the schemas that these reference.
//!
//! PandaDoc's document 8.8.0 describes 127 operations, of which eight are wanted. Nothing else in a document can stop
//! the build, because no later step sees it. The generator would decode each documented error into one type and lose
//! the status and body of those that don't fit, so errors are cut too: see [`documented_errors`].
//!
//! Extensions (`x-…`) are cut: later passes tell the generator with extensions what to do, and with the same ones a
//! document could choose the Rust type of a key.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{json, Map, Value};

use super::bounds::{Bounds, COMPONENTS};
use super::fault::Fault;
use super::schema::{has, items, members, operations, text, Found};

/// How many references one shared part may lead through. More are taken for a circle.
const HOPS: usize = 100;

/// The level of a component schema in a document, and of a schema in an operation.
const COMPONENT_LEVEL: usize = 4;
const OPERATION_LEVEL: usize = 9;

/// The errors that a document promises: by operation, each status with its description.
pub type Documented = BTreeMap<String, BTreeMap<u16, String>>;

/// Returns the document with the wanted operations alone. Each must be there exactly once.
pub fn select(document: &Value, wanted: &[&str]) -> Result<Value, Fault> {
    let mut cut = Cut {
        document,
        bounds: Bounds::default(),
        schemas: Map::new(),
        seen: BTreeSet::new(),
        pending: Vec::new(),
    };
    let mut paths = Map::new();
    for id in wanted {
        let found = find(document, id)?;
        let operation = cut
            .operation(&found)
            .map_err(|fault| fault.in_operation(id))?;
        let item = paths.entry(found.path).or_insert_with(|| json!({}));
        item[found.method] = operation;
    }
    let mut kept = pick(document, &["openapi", "info", "servers"]);
    kept.insert("paths".to_owned(), paths.into());
    kept.insert("components".to_owned(), json!({"schemas": cut.schemas}));
    Ok(kept.into())
}

/// Returns the errors of the wanted operations.
pub fn documented_errors(document: &Value, wanted: &[&str]) -> Documented {
    let mut documented = Documented::new();
    for found in operations(document) {
        if wanted.contains(&found.id()) {
            let errors = documented.entry(found.id().to_owned()).or_default();
            for (status, response) in members(found.operation, "responses") {
                let response = resolve(document, response, "responses");
                if let (Ok(code @ 300..), Ok(response)) = (status.parse(), response) {
                    let description = text(response, "description").unwrap_or_default();
                    errors.insert(code, description.to_owned());
                }
            }
        }
    }
    documented
}

fn find<'a>(document: &'a Value, id: &str) -> Result<Found<'a>, Fault> {
    let mut found = operations(document);
    found.retain(|found| found.id() == id);
    match found[..] {
        [found] => Ok(found),
        [] => Err(Fault::new("the document has no such operation")
            .in_operation(id)
            .hint(
                "it was renamed or removed: change the list of operations in build/documents.rs",
            )),
        _ => {
            let n = found.len();
            Err(
                Fault::new(format!("the document has {n} operations of this id"))
                    .in_operation(id)
                    .hint("give each a unique operationId"),
            )
        }
    }
}

/// Tells whether two parameters are of one name in one place. That of an operation then replaces that of its path.
pub fn is_same(one: &Value, other: &Value) -> bool {
    let place = |parameter| Some((text(parameter, "name")?, text(parameter, "in")?));
    place(one).is_some() && place(one) == place(other)
}

/// Follows references to a shared parameter, request body or response.
fn resolve<'a>(document: &'a Value, mut part: &'a Value, kind: &str) -> Result<&'a Value, Fault> {
    for _ in 0..HOPS {
        match text(part, "$ref") {
            Some(reference) => (_, part) = lookup(document, reference, kind)?,
            None => return Ok(part),
        }
    }
    let reference = text(part, "$ref").unwrap_or_default();
    Err(
        Fault::new(format!("the reference `{reference}` leads back to itself"))
            .hint("break the circle of references"),
    )
}

/// Returns the component that a reference names, and its name.
fn lookup<'a, 'r>(
    document: &'a Value,
    reference: &'r str,
    kind: &str,
) -> Result<(&'r str, &'a Value), Fault> {
    let refused = |why: &str| Fault::new(format!("the reference `{reference}` {why}"));
    let component = "make what it names a component, and refer to that";
    let Some(inside) = reference.strip_prefix("#/components/") else {
        return Err(refused("does not name a component of this document").hint(component));
    };
    let (found, name) = inside.split_once('/').unwrap_or((inside, ""));
    if name.contains('/') {
        return Err(refused("leads into the middle of a component").hint(component));
    }
    if found != kind {
        return Err(
            refused(&format!("does not lead to one of the {kind}")).hint("correct the reference")
        );
    }
    let components = document.get("components").and_then(|all| all.get(kind));
    match components.and_then(|components| components.get(name)) {
        Some(component) => Ok((name, component)),
        None => Err(refused("leads nowhere")
            .hint("take a complete copy of the document, or correct the reference")),
    }
}

struct Cut<'a> {
    document: &'a Value,
    bounds: Bounds,
    /// The component schemas that are cut.
    schemas: Map<String, Value>,
    /// The names of those that are cut or pending.
    seen: BTreeSet<String>,
    pending: Vec<(String, &'a Value)>,
}

impl<'a> Cut<'a> {
    fn operation(&mut self, found: &Found<'a>) -> Result<Value, Fault> {
        let Found {
            operation, item, ..
        } = *found;
        let names = ["operationId", "summary", "description", "deprecated"];
        let mut kept = pick(operation, &names);
        let servers = [operation, item];
        let servers = servers.into_iter().find(|it| has(it, "servers"));
        kept.extend(
            servers
                .map(|it| pick(it, &["servers"]))
                .into_iter()
                .flatten(),
        );
        let mut parameters = Vec::new();
        for parameter in items(operation, "parameters") {
            parameters.push(resolve(self.document, parameter, "parameters")?);
        }
        let own = parameters.len();
        for parameter in items(item, "parameters") {
            let parameter = resolve(self.document, parameter, "parameters")?;
            if !parameters[..own].iter().any(|own| is_same(own, parameter)) {
                parameters.push(parameter);
            }
        }
        let parameters = parameters.into_iter().map(|it| self.parameter(it));
        let parameters: Result<Vec<_>, _> = parameters.collect();
        kept.insert("parameters".to_owned(), parameters?.into());
        if let Some(body) = operation.get("requestBody") {
            let body = resolve(self.document, body, "requestBodies")?;
            let body = self.content(body, &["description", "required"])?;
            kept.insert("requestBody".to_owned(), body);
        }
        let mut responses = Map::new();
        for (status, response) in members(operation, "responses") {
            if is_success(status) {
                let response = resolve(self.document, response, "responses")?;
                let mut kept = self.content(response, &["description"])?;
                if let Some(headers) = response.get("headers") {
                    // Nothing is generated of them, but a comparison of documents tells of them.
                    kept["headers"] = self.counted(headers, OPERATION_LEVEL)?;
                }
                responses.insert(status.clone(), kept);
            }
        }
        kept.insert("responses".to_owned(), responses.into());
        while let Some((name, schema)) = self.pending.pop() {
            if self.seen.len() > COMPONENTS {
                return Err(Fault::new(format!(
                    "the document is refused: its operations reach more than {COMPONENTS} components"
                ))
                .hint("leave out of the answers and requests what is not needed"));
            }
            let schema = self.schema(schema, COMPONENT_LEVEL)?;
            self.schemas.insert(name, schema);
        }
        Ok(kept.into())
    }

    fn parameter(&mut self, parameter: &'a Value) -> Result<Value, Fault> {
        let names = [
            "name",
            "in",
            "description",
            "required",
            "deprecated",
            "style",
            "explode",
            "allowReserved",
            "allowEmptyValue",
        ];
        let mut kept = self.content(parameter, &names)?;
        for name in ["schema", "example"] {
            if let Some(value) = parameter.get(name) {
                kept[name] = match name {
                    "schema" => self.schema(value, OPERATION_LEVEL)?,
                    _ => self.counted(value, OPERATION_LEVEL)?,
                };
            }
        }
        Ok(kept)
    }

    /// Cuts these members of an object and the schemas of its content.
    fn content(&mut self, value: &'a Value, names: &[&str]) -> Result<Value, Fault> {
        let mut kept = pick(value, names);
        let mut content = Map::new();
        for (media_type, media) in members(value, "content") {
            let schema = media.get("schema");
            let schema = schema.map(|schema| self.schema(schema, OPERATION_LEVEL));
            let media = match schema.transpose()? {
                Some(schema) => json!({"schema": schema}),
                None => json!({}),
            };
            content.insert(media_type.clone(), media);
        }
        if value.get("content").is_some() {
            kept.insert("content".to_owned(), content.into());
        }
        Ok(kept.into())
    }

    fn schema(&mut self, schema: &'a Value, level: usize) -> Result<Value, Fault> {
        let Value::Object(keywords) = schema else {
            return self.counted(schema, level);
        };
        self.bounds.check(level)?;
        if let Some(reference) = text(schema, "$ref") {
            let (name, component) = lookup(self.document, reference, "schemas")?;
            if self.seen.insert(name.to_owned()) {
                self.pending.push((name.to_owned(), component));
            }
            return Ok(json!({"$ref": reference}));
        }
        let mut kept = Map::new();
        for (keyword, value) in keywords {
            let value = match (keyword.as_str(), value) {
                ("properties", Value::Object(members)) => {
                    let mut cut = Map::new();
                    for (name, member) in members {
                        cut.insert(name.clone(), self.schema(member, level + 2)?);
                    }
                    cut.into()
                }
                ("allOf" | "oneOf" | "anyOf", Value::Array(parts)) => {
                    let parts = parts.iter().map(|part| self.schema(part, level + 2));
                    parts.collect::<Result<Vec<_>, _>>()?.into()
                }
                ("items" | "not" | "additionalProperties", value) => {
                    self.schema(value, level + 1)?
                }
                (extension, _) if extension.starts_with("x-") => continue,
                (_, value) => self.counted(value, level + 1)?,
            };
            kept.insert(keyword.clone(), value);
        }
        let mut kept = kept.into();
        give_type(&mut kept);
        Ok(kept)
    }

    fn counted(&self, value: &Value, level: usize) -> Result<Value, Fault> {
        self.bounds.check_all(value, level)?;
        Ok(value.clone())
    }
}

fn is_success(status: &str) -> bool {
    status.eq_ignore_ascii_case("2XX") || matches!(status.parse(), Ok(200_u16..=299))
}

/// Returns these members of an object, without extensions.
fn pick(value: &Value, names: &[&str]) -> Map<String, Value> {
    let picked = names.iter().filter_map(|name| {
        let mut member = value.get(name)?.clone();
        if let Some(members) = member.as_object_mut() {
            members.retain(|name, _| !name.starts_with("x-"));
        }
        Some(((*name).to_owned(), member))
    });
    picked.collect()
}

/// Gives a type to a schema that has none and can only be of one. PandaDoc leaves out `type: object` in its errors, and
/// may in an answer.
fn give_type(schema: &mut Value) {
    let alternatives = ["type", "allOf", "oneOf", "anyOf", "not"];
    if alternatives.iter().any(|name| has(schema, name)) {
        return;
    }
    let implied = match items(schema, "enum").next() {
        Some(_) if items(schema, "enum").all(Value::is_string) => "string",
        None if has(schema, "properties") => "object",
        None if has(schema, "items") => "array",
        _ => return,
    };
    schema["type"] = implied.into();
}
