//! Describes the parts of a document that no type is generated from. These are the bodies of errors, which are parsed
//! leniently, and the operations whose clients come from a document by hand. Maintainers want to know when these
//! change.

use serde_json::{Map, Value};

use super::fact::{Entry, Fact, Place};
use super::generator::{members, operations, Fault, Found};

/// The most values in the shapes of one document, with each reference replaced by its target. The errors of PandaDoc's
/// webhook operations have fewer than 1,000.
const MOST_VALUES: usize = 100_000;

/// The deepest level in a shape. PandaDoc's shapes have fewer than 20.
const DEEPEST: usize = 200;

/// Returns each documented error of these operations, with the shape of its headers and body.
pub fn error_bodies(document: &Value, in_use: &[&str]) -> Result<Vec<(Place, Entry)>, Fault> {
    let mut shapes = Shapes::of(document);
    let mut found = Vec::new();
    for operation in operations(document) {
        let id = operation.id();
        let errors = members(operation.operation, "responses")
            .filter(|(status, _)| !status.starts_with('2') && !status.starts_with("x-"));
        for (status, response) in errors.filter(|_| in_use.contains(&id)) {
            let place = vec![format!("operation {id}"), format!("error {status}")];
            let shape = shapes.shape(response, Names::Keywords, 0);
            let shape = shape.map_err(|fault| fault.in_operation(id))?;
            let target = shapes.target(response).unwrap_or(response);
            let prose = target["description"].clone();
            let fact = Fact::Error(parts(&shape, &["content", "headers"]));
            found.push((place, Entry::of(fact, prose)));
        }
    }
    Ok(found)
}

/// Returns the shape of what an operation takes and answers.
pub fn operation_shape(document: &Value, found: &Found) -> Result<Value, Fault> {
    const PARTS: [&str; 5] = [
        "parameters",
        "requestBody",
        "responses",
        "security",
        "servers",
    ];
    let shape = Shapes::of(document).shape(&parts(found.operation, &PARTS), Names::Keywords, 0);
    shape.map_err(|fault| fault.in_operation(found.id()))
}

/// Returns a part of a document without its prose, its extensions, and the keywords that a surface takes for prose.
/// References stay.
pub fn without_prose(part: &Value) -> Result<Value, Fault> {
    let mut shapes = Shapes::of(&Value::Null);
    shapes.prose = &["default", "deprecated", "readOnly", "writeOnly"];
    shapes.shape(part, Names::Keywords, 0)
}

/// Returns these members of an object. Without any of them, that is null.
fn parts(whole: &Value, names: &[&str]) -> Value {
    let parts = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), whole.get(name)?.clone())));
    let parts: Map<_, _> = parts.collect();
    match parts.is_empty() {
        true => Value::Null,
        false => parts.into(),
    }
}

/// The kind of names that an object's members have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Keywords,
    /// The document chooses the names of its members, headers and media types.
    Free,
}

/// Writes shapes, up to a limit. A few references that each name another one twice grow without bounds.
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

    /// Returns the target of a reference.
    fn target(&self, value: &Value) -> Option<&'a Value> {
        let reference = value.get("$ref")?.as_str()?;
        self.document.pointer(reference.strip_prefix('#')?)
    }

    /// Returns the value without its prose, with each reference replaced by its target.
    fn shape(&mut self, value: &Value, names: Names, depth: usize) -> Result<Value, Fault> {
        let left = self.left.checked_sub(1).filter(|_| depth < DEEPEST);
        self.left = left.ok_or_else(|| {
            Fault::new("its answers are too large or too deep with their references written out")
                .hint("describe them with fewer references")
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
            return match self.target(value) {
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
            // These are sets, so their order doesn't count.
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
