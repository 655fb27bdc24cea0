//! Joins an `allOf` into one object, such as the answer of `createDocumentEditingSession` in PandaDoc's
//! 8.8.0.
//!
//! A new edition may describe an operation in use that way. An `allOf` of one reference, with no more than a
//! description beside it, stays a reference.

use serde_json::{json, Map, Value};

use super::fault::Fault;
use super::schema::{component, items};

/// The deepest that parts may lie within parts. Deeper ones go in a circle.
const DEEPEST: usize = 32;

/// Keywords that say nothing about which values are valid. Of several, the last counts.
const ANNOTATIONS: [&str; 4] = ["title", "description", "example", "deprecated"];

/// Returns the schema with its own `allOf` joined. Its members keep theirs.
pub fn joined(schema: &Value, components: &Value) -> Result<Value, Fault> {
    join(schema, components, 0)
}

fn join(schema: &Value, components: &Value, depth: usize) -> Result<Value, Fault> {
    let mut own = schema.clone();
    let all_of = own.as_object_mut().and_then(|own| own.remove("allOf"));
    let Some(Value::Array(parts)) = all_of else {
        return Ok(schema.clone());
    };
    if depth == DEEPEST {
        return Err(
            Fault::new("its `allOf` has itself as a part").hint("break the circle of references")
        );
    }
    let is_described = |own: &Map<String, Value>| own.keys().all(|it| ANNOTATIONS.contains(&&**it));
    if let (true, [part]) = (own.as_object().is_some_and(is_described), &parts[..]) {
        if component(part).is_some() {
            return Ok(part.clone());
        }
    }
    let mut whole = json!({"type": "object"});
    for part in parts.iter().chain([&own]) {
        let named = component(part).map(|name| &components[name]);
        let part = join(named.unwrap_or(part), components, depth + 1)?;
        let Some(keywords) = part.as_object().filter(|it| !it.contains_key("$ref")) else {
            return Err(Fault::new(
                "a part of its `allOf` is neither a schema nor a component of this document",
            )
            .hint("take a complete copy of the document"));
        };
        for (keyword, value) in keywords {
            add(&mut whole, keyword, value)?;
        }
    }
    Ok(whole)
}

/// Adds a keyword of one part to the whole.
fn add(whole: &mut Value, keyword: &str, value: &Value) -> Result<(), Fault> {
    if keyword == "properties" {
        for (name, member) in value.as_object().into_iter().flatten() {
            let known = &mut whole["properties"][name];
            if !known.is_null() && known != member {
                let problem = format!("the member `{name}` of its `allOf` has two different types");
                return Err(Fault::new(problem).hint("give the member one type"));
            }
            *known = member.clone();
        }
    } else if keyword == "required" {
        let known: Vec<_> = items(whole, "required").cloned().collect();
        let all = value.as_array().into_iter().flatten();
        let new = all.filter(|name| !known.contains(name));
        whole["required"] = known.iter().chain(new).cloned().collect();
    } else if ANNOTATIONS.contains(&keyword) || whole[keyword].is_null() || &whole[keyword] == value
    {
        whole[keyword] = value.clone();
    } else {
        let problem =
            format!("the parts of its `allOf` differ in `{keyword}`, or aren't all objects");
        return Err(Fault::new(problem).hint("describe it as one object"));
    }
    Ok(())
}
