//! What a document says beside the types of this crate: the errors that it promises, whose bodies are read
//! leniently, and the operations whose clients come from a document by hand. No type is made of them, but a
//! maintainer wants to know that they changed.

use openapiv3::{OpenAPI, ReferenceOr, Response};
use serde_json::{json, Map, Value};

use super::steps::fault::Fault;
use super::surface::{Entry, Fact, Place};

/// The most values that the shapes of one document may have, each reference replaced by what it names. The
/// errors of PandaDoc's webhook operations have fewer than 1,000.
const MOST_VALUES: usize = 100_000;

/// The deepest that one may stand in a shape. PandaDoc's are no deeper than 20.
const DEEPEST: usize = 200;

/// Each documented error of these operations, with the shape of its body written out. Its prose is in the
/// documentation of the mocks.
pub fn error_bodies(openapi: &OpenAPI, operations: &[&str]) -> Result<Vec<(Place, Entry)>, Fault> {
    let document = json!(openapi);
    let mut shapes = Shapes::of(&document);
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
                let shape = shapes.of_response(response);
                let shape = shape.map_err(|fault| fault.in_operation(id))?;
                let described = match response {
                    ReferenceOr::Item(response) => Some(json!(response.description)),
                    ReferenceOr::Reference { reference } => {
                        let named = document.pointer(reference.trim_start_matches('#'));
                        named.and_then(|named| named.get("description")).cloned()
                    }
                };
                let prose = described.unwrap_or_default();
                found.push((place, Entry::of(Fact::Error(shape), prose)));
            }
        }
    }
    Ok(found)
}

/// The shape of what an operation takes and answers.
pub fn operation_shape(openapi: &OpenAPI, id: &str) -> Result<Value, Fault> {
    let document = json!(openapi);
    let mut operations = openapi.operations();
    let found = operations.find(|(_, _, operation)| operation.operation_id.as_deref() == Some(id));
    let operation = json!(found.map(|(_, _, operation)| operation));
    let parts: Map<_, _> = [
        "parameters",
        "requestBody",
        "responses",
        "security",
        "servers",
    ]
    .into_iter()
    .filter_map(|part| Some((part.to_owned(), operation.get(part)?.clone())))
    .collect();
    let shape = Shapes::of(&document).shape(&parts.into(), Names::Keywords, 0);
    shape.map_err(|fault| fault.in_operation(id))
}

/// A part of a document without its prose, its extensions, and the keywords that a surface takes for prose.
/// References stay.
pub fn without_prose(part: &Value) -> Result<Value, Fault> {
    let mut shapes = Shapes::of(&Value::Null);
    shapes.prose = &["default", "deprecated", "readOnly", "writeOnly"];
    shapes.shape(part, Names::Keywords, 0)
}

/// What the names of an object's members are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Keywords,
    /// Whatever the document calls its members, headers or media types.
    Free,
}

/// Writes shapes, up to a limit: a few references that each name another one twice become very much.
struct Shapes<'a> {
    document: &'a Value,
    /// Keywords that are left out with those of [`is_prose`].
    prose: &'static [&'static str],
    above: Vec<String>,
    left: usize,
}

impl<'a> Shapes<'a> {
    fn of(document: &'a Value) -> Self {
        Self {
            document,
            prose: &[],
            above: Vec::new(),
            left: MOST_VALUES,
        }
    }

    fn of_response(&mut self, response: &ReferenceOr<Response>) -> Result<Value, Fault> {
        let shape = self.shape(&json!(response), Names::Keywords, 0)?;
        let parts: Map<_, _> = ["content", "headers"]
            .into_iter()
            .filter_map(|part| Some((part.to_owned(), shape.get(part)?.clone())))
            .collect();
        Ok(match parts.is_empty() {
            true => Value::Null,
            false => parts.into(),
        })
    }

    /// The value without its prose, each reference replaced by what it names.
    fn shape(&mut self, value: &Value, names: Names, depth: usize) -> Result<Value, Fault> {
        let left = self.left.checked_sub(1).filter(|_| depth < DEEPEST);
        self.left = left.ok_or_else(|| {
            Fault::new(
                "what it answers is too large or too deep once its references are written out",
            )
            .hint("describe its answers with fewer references")
        })?;
        let members = match value {
            Value::Object(members) => members,
            Value::Array(items) => {
                let items = items.iter();
                return items
                    .map(|item| self.shape(item, Names::Keywords, depth + 1))
                    .collect();
            }
            other => return Ok(other.clone()),
        };
        if let (Some(Value::String(reference)), Names::Keywords) = (members.get("$ref"), names) {
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| self.document.pointer(pointer));
            return match target {
                Some(target) if !self.above.contains(reference) => {
                    self.above.push(reference.clone());
                    let shape = self.shape(target, Names::Keywords, depth + 1);
                    self.above.pop();
                    shape
                }
                _ => Ok(value.clone()),
            };
        }
        let mut kept = Map::new();
        for (name, value) in members {
            let is_prose = is_prose(name) || self.prose.contains(&name.as_str());
            if names == Names::Keywords && is_prose {
                continue;
            }
            let below = match name.as_str() {
                "properties" | "content" | "headers" | "responses" if names == Names::Keywords => {
                    Names::Free
                }
                _ => Names::Keywords,
            };
            let mut shape = self.shape(value, below, depth + 1)?;
            // Sets, in whatever order they are written.
            if let ("required" | "enum", Value::Array(values)) = (name.as_str(), &mut shape) {
                values.sort_by_key(Value::to_string);
            }
            kept.insert(name.clone(), shape);
        }
        Ok(kept.into())
    }
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
