//! `allOf` becomes one schema with the members of all its parts.
//!
//! No document needs it for the operations in use so far; PandaDoc's 8.8.0 has `allOf` in other operations. The generator
//! can join parts too, but its time and memory double with each level of alternatives. An `allOf` of one reference with
//! `nullable` beside it stays what it is; see `wrapped` in `schema`.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use serde_json::{json, Map, Value};

use super::super::bounds::Bounds;
use super::super::fault::Fault;
use super::super::schema::{
    component, components, components_mut, described, each_part, each_root, is, items, members,
    parts, reference, remove, text,
};

/// Keywords that say nothing about which values are valid.
const ANNOTATIONS: [&str; 11] = [
    "title",
    "description",
    "example",
    "default",
    "externalDocs",
    "deprecated",
    "readOnly",
    "writeOnly",
    "nullable",
    "discriminator",
    "xml",
];

/// The keywords of an object.
const OF_OBJECTS: [&str; 6] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
];

/// Replaces every `allOf` by one schema.
pub fn compose(document: &mut Value) -> Result<(), Fault> {
    let original = components(document);
    let mut composer = Composer {
        components: &original,
        composed: BTreeMap::new(),
        bounds: Bounds::default(),
    };
    each_root(document, |_, _, schema| composer.compose(schema))?;
    for (name, schema) in components_mut(document) {
        let composed = composer.compose_component(schema);
        composed.map_err(|fault| fault.in_schema(name))?;
    }
    Ok(())
}

struct Composer<'a> {
    components: &'a Map<String, Value>,
    /// The components that are part of an `allOf`, each as one schema.
    composed: BTreeMap<String, Value>,
    /// Counts the copies of these components.
    bounds: Bounds,
}

impl Composer<'_> {
    fn compose(&mut self, schema: &mut Value) -> Result<(), Fault> {
        match wrapper(schema) {
            Some((name, false)) => *schema = reference(&name),
            Some((name, true)) => {
                schema["allOf"] = json!([reference(&name)]);
                schema["nullable"] = json!(true);
                remove(schema, &["type"]);
            }
            None => {
                *schema = self.joined(schema.take())?;
                self.compose_parts(schema)?;
            }
        }
        Ok(())
    }

    /// Composes a component. One that adds `nullable` to a reference becomes a type of its own.
    fn compose_component(&mut self, schema: &mut Value) -> Result<(), Fault> {
        if let Some((name, false)) = wrapper(schema) {
            *schema = reference(&name);
            return Ok(());
        }
        *schema = self.joined(schema.take())?;
        self.compose_parts(schema)
    }

    fn compose_parts(&mut self, schema: &mut Value) -> Result<(), Fault> {
        let mut parts = parts(schema).into_iter();
        parts.try_for_each(|(_, part)| self.compose(part))
    }

    /// Joins the `allOf` of the schema itself. Its members keep theirs.
    fn joined(&mut self, mut schema: Value) -> Result<Value, Fault> {
        check_alternatives(&mut schema)?;
        let all_of = schema.as_object_mut().and_then(|it| it.remove("allOf"));
        let Some(Value::Array(all_of)) = all_of else {
            return Ok(schema);
        };
        let mut parts = Vec::new();
        for part in all_of {
            parts.push(match component(&part) {
                Some(name) => self.component(name)?,
                None => self.joined(part)?,
            });
        }
        // What stands beside `allOf` is one part more, unless it only repeats the type.
        let own = keywords(&schema);
        if !own.keys().eq(["type"]) {
            parts.push(own.into());
        }
        let (empty, parts): (Vec<_>, Vec<_>) = parts
            .into_iter()
            .partition(|part| keywords(part).is_empty());
        let nullable = |part: &Value| is(part, "nullable");
        let is_nullable = nullable(&schema)
            || empty.iter().any(nullable)
            || !parts.is_empty() && parts.iter().all(nullable);
        let mut described = iter::once(&schema).chain(&parts);
        let description = described.find_map(|part| text(part, "description"));
        let mut whole = whole(&parts)?;
        for annotation in ["example", "deprecated"] {
            if let Some(value) = schema.get(annotation) {
                whole[annotation] = value.clone();
            }
        }
        if let Some(description) = description {
            whole["description"] = json!(description);
        }
        if is_nullable {
            whole["nullable"] = json!(true);
        }
        Ok(whole)
    }

    fn component(&mut self, name: &str) -> Result<Value, Fault> {
        let composed = match self.composed.get(name) {
            Some(composed) => composed.clone(),
            None => {
                let schema = self.components.get(name);
                let schema = schema.and_then(|schema| described(schema, self.components));
                let composed = self.joined(schema.cloned().unwrap_or_default())?;
                self.composed.insert(name.to_owned(), composed.clone());
                composed
            }
        };
        self.bounds.check_all(&composed, 1)?;
        Ok(composed)
    }
}

/// Returns the keywords of a schema that say which values are valid.
fn keywords(schema: &Value) -> Map<String, Value> {
    let mut keywords = schema.as_object().cloned().unwrap_or_default();
    keywords.retain(|name, _| !ANNOTATIONS.contains(&name.as_str()));
    keywords
}

/// Returns the name of the component that the schema consists of, and whether it says `nullable`.
fn wrapper(schema: &Value) -> Option<(String, bool)> {
    let mut others = keywords(schema);
    others.remove("allOf")?;
    others.remove("type");
    let mut nullable = is(schema, "nullable");
    let mut only = None;
    for part in items(schema, "allOf") {
        match component(part) {
            Some(name) if only.is_none() => only = Some(name.to_owned()),
            None if keywords(part).is_empty() => nullable |= is(part, "nullable"),
            _ => return None,
        }
    }
    others.is_empty().then_some((only?, nullable))
}

/// Refuses alternatives beside other keywords. The generator joins each alternative with the rest, so its work doubles
/// with each level. Alternatives that only name required members are dropped: the server checks them.
fn check_alternatives(schema: &mut Value) -> Result<(), Fault> {
    let alternatives = ["oneOf", "anyOf", "not"];
    let mut others = keywords(schema);
    let has_not = others.contains_key("not");
    let found = alternatives
        .iter()
        .filter_map(|name| others.remove(*name))
        .count();
    let says_type_alone = others.keys().eq(["type"]) && !has_not;
    if found == 1 && (others.is_empty() || says_type_alone) {
        remove(schema, &["type"]);
    } else if found > 0 {
        let names_required = |alternative| keywords(alternative).keys().eq(["required"]);
        let all_do = |name: &&str| items(schema, name).all(names_required);
        if has_not || !alternatives.iter().all(all_do) {
            return Err(Fault::new(
                "it joins `oneOf`, `anyOf` or `not` with other keywords in one schema",
            )
            .hint("describe it as one object with the members of all"));
        }
        remove(schema, &alternatives);
    }
    Ok(())
}

/// Returns one schema for all these.
fn whole(parts: &[Value]) -> Result<Value, Fault> {
    let parts: Vec<_> = parts.iter().map(keywords).collect();
    match &parts[..] {
        [] => Ok(json!({})),
        [first, others @ ..] if others.iter().all(|other| other == first) => Ok(json!(first)),
        _ if parts.iter().all(is_object) => object(&parts),
        _ => Err(
            Fault::new("its allOf joins schemas that are not all objects")
                .hint("describe it as one object with the members of all, or as one value"),
        ),
    }
}

/// Tells whether these keywords describe an object, with or without `type: object`.
fn is_object(keywords: &Map<String, Value>) -> bool {
    let is_object = keywords.get("type").is_none_or(|it| it == "object");
    is_object
        && keywords
            .keys()
            .all(|name| OF_OBJECTS.contains(&name.as_str()))
}

/// Returns one object with the members of all.
fn object(parts: &[Map<String, Value>]) -> Result<Value, Fault> {
    let mut whole = json!({"type": "object", "properties": {}, "required": []});
    let mut required = BTreeSet::new();
    for part in parts {
        let part = json!(part);
        required.extend(
            items(&part, "required")
                .filter_map(Value::as_str)
                .map(str::to_owned),
        );
        for (name, member) in members(&part, "properties") {
            let present = &mut whole["properties"][name];
            if !present.is_null() && plain(present)? != plain(member)? {
                return Err(Fault::new(format!(
                    "the member `{name}` of its allOf has two different types"
                ))
                .hint("give the member one type in all parts"));
            }
            if present.is_null() {
                *present = member.clone();
            }
        }
        if let Some(others @ Value::Object(_)) = part.get("additionalProperties") {
            let present = whole.get("additionalProperties");
            if present.is_some_and(|present| present != others) {
                return Err(Fault::new(
                    "the parts of its allOf differ in what other members they may have",
                )
                .hint("describe other members in one of them"));
            }
            whole["additionalProperties"] = others.clone();
        }
    }
    whole["required"] = json!(required);
    Ok(whole)
}

/// Returns the member without what only a reader of the document sees.
fn plain(member: &Value) -> Result<Value, Fault> {
    let mut member = member.clone();
    each_part(&mut member, &mut |schema| {
        remove(schema, &["title", "description", "example", "externalDocs"]);
        Ok(())
    })?;
    Ok(member)
}
