//! `allOf` becomes one schema with the members of all its parts.
//!
//! No document needs it for the operations in use so far; PandaDoc's 8.8.0 has `allOf` in other operations. The generator
//! can join parts too, but its time and memory double with each level of alternatives. An `allOf` of one reference with
//! `nullable` beside it stays what it is; see `wrapped` in `schema`.

use std::collections::BTreeMap;

use serde_json::{json, Map, Value};

use super::super::bounds::Bounds;
use super::super::fault::Fault;
use super::super::schema::{
    component, components, components_mut, described, each_part, each_root, has, is, items, parts,
    reference, remove, text, type_of,
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
        let Some(all_of) = schema.as_object_mut().and_then(|it| it.remove("allOf")) else {
            return Ok(schema);
        };
        let mut whole = Whole::default();
        for part in items(&json!({"": all_of}), "") {
            let part = match component(part) {
                Some(name) => self.component(name)?,
                None => self.joined(part.clone())?,
            };
            whole.add(&part)?;
        }
        let own = keywords(&schema);
        // The parts say the type too.
        if !own.keys().eq(["type"]) {
            whole.add(&json!(own))?;
        }
        whole.nullable |= whole.all_nullable || is(&schema, "nullable");
        remove(&mut schema, &OF_OBJECTS);
        for (keyword, value) in whole.keywords {
            schema[keyword] = value;
        }
        if whole.nullable {
            schema["nullable"] = json!(true);
        }
        if let (None, Some(description)) = (text(&schema, "description"), whole.description) {
            schema["description"] = description;
        }
        Ok(schema)
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
    let found = alternatives
        .iter()
        .filter(|name| others.remove(**name).is_some())
        .count();
    let has_not = schema.get("not").is_some();
    if !has_not {
        others.remove("type");
    }
    if found == 0 || found == 1 && others.is_empty() {
        if found == 1 {
            remove(schema, &["type"]);
        }
        return Ok(());
    }
    let say_required_alone = ["oneOf", "anyOf"].iter().all(|name| {
        items(schema, name).all(|alternative| keywords(alternative).keys().eq(["required"]))
    });
    if has_not || !say_required_alone {
        return Err(Fault::new(
            "it joins `oneOf`, `anyOf` or `not` with other keywords in one schema",
        )
        .hint("describe it as one object with the members of all"));
    }
    remove(schema, &alternatives);
    Ok(())
}

/// Collects the parts of an `allOf`.
struct Whole {
    keywords: Map<String, Value>,
    nullable: bool,
    /// Whether every part may be null, and there is one.
    all_nullable: bool,
    is_empty: bool,
    description: Option<Value>,
}

impl Default for Whole {
    fn default() -> Self {
        Self {
            keywords: Map::new(),
            nullable: false,
            all_nullable: false,
            is_empty: true,
            description: None,
        }
    }
}

impl Whole {
    fn add(&mut self, part: &Value) -> Result<(), Fault> {
        let added = keywords(part);
        let nullable = is(part, "nullable");
        if added.is_empty() {
            self.nullable |= nullable;
            return Ok(());
        }
        self.all_nullable = nullable && (self.is_empty || self.all_nullable);
        self.description = self.description.take().or(part.get("description").cloned());
        match (
            is_object(&added),
            is_object(&self.keywords) || self.is_empty,
        ) {
            (true, true) => self.add_object(added)?,
            _ if self.is_empty => self.keywords = added,
            _ if self.keywords == added => {}
            _ => {
                return Err(
                    Fault::new("its allOf joins schemas that are not all objects")
                        .hint("describe it as one object with the members of all, or as one value"),
                )
            }
        }
        self.is_empty = false;
        Ok(())
    }

    fn add_object(&mut self, added: Map<String, Value>) -> Result<(), Fault> {
        let added = Value::Object(added);
        let mut whole = Value::Object(std::mem::take(&mut self.keywords));
        let mut required: Vec<_> = items(&whole, "required").cloned().collect();
        for name in items(&added, "required") {
            if !required.contains(name) {
                required.push(name.clone());
            }
        }
        let mut properties = whole["properties"].as_object().cloned().unwrap_or_default();
        for (name, member) in added["properties"].as_object().into_iter().flatten() {
            match properties.get(name) {
                Some(present) if plain(present)? != plain(member)? => {
                    return Err(Fault::new(format!(
                        "the member `{name}` of its allOf has two different types"
                    ))
                    .hint("give the member one type in all parts"))
                }
                Some(_) => {}
                None => {
                    properties.insert(name.clone(), member.clone());
                }
            }
        }
        let (present, other) = (
            &whole["additionalProperties"],
            &added["additionalProperties"],
        );
        if present.is_object() && other.is_object() && present != other {
            return Err(Fault::new(
                "the parts of its allOf differ in what other members they may have",
            )
            .hint("describe other members in one of them"));
        }
        if other.is_object() {
            whole["additionalProperties"] = other.clone();
        }
        whole["type"] = json!("object");
        whole["properties"] = properties.into();
        whole["required"] = required.into();
        self.keywords = whole.as_object().cloned().unwrap_or_default();
        self.keywords.retain(|_, value| !value.is_null());
        Ok(())
    }
}

/// Tells whether these keywords describe an object, with or without `type: object`.
fn is_object(keywords: &Map<String, Value>) -> bool {
    let schema = Value::Object(keywords.clone());
    matches!(type_of(&schema), None | Some("object"))
        && OF_OBJECTS.iter().any(|name| schema.get(*name).is_some())
        && keywords
            .keys()
            .all(|name| OF_OBJECTS.contains(&name.as_str()))
        && !has(&schema, "enum")
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
