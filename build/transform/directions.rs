//! What is sent is strict, what is received is not.
//!
//! An answer that leaves a member out, has null in its place, or a value out of the documented bounds is still an answer,
//! and a client that fails to read it has lost a result. PandaDoc's documents require no member of any answer. A request
//! holds what the caller said and nothing else: no default is written out, as `active` of `createWebhookSubscription` has
//! one, and null is told from absence.

use std::collections::BTreeSet;

use serde_json::{json, Map, Value};

use super::super::emit::generate::OWN_COMPONENTS;
use super::super::fault::Fault;
use super::super::schema::{
    components, components_mut, each_root, has, is, items, members, operations, parts, reached,
    remove, text, type_of, wrapped, Place,
};
use super::rust_type::becomes_nullable;
use super::secrets::is_secret;

/// The keywords that limit a value.
const LIMITS: [&str; 12] = [
    "pattern",
    "minLength",
    "maxLength",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "uniqueItems",
    "default",
];

/// Loosens what answers are made of, and tightens what requests are.
pub fn tell_directions_apart(document: &mut Value) -> Result<(), Fault> {
    let (received, sent) = (received(document), sent(document));
    each_root(document, |place, _, schema| {
        match place {
            Place::Response => loosen(schema)?,
            Place::Parameter => tighten(schema),
            Place::Body => {
                tighten(schema);
                if is(schema, "nullable") {
                    becomes_nullable(schema);
                }
            }
        }
        Ok(())
    })?;
    for (name, schema) in components_mut(document) {
        // `generate` compares the pattern of this component with the one that its type checks.
        let is_own = OWN_COMPONENTS.iter().any(|(own, _, _)| own == name);
        let direct = match (received.contains(name), sent.contains(name)) {
            (true, true) => serve_both(schema),
            (true, false) => loosen(schema),
            (false, _) if is_own => Ok(()),
            (false, _) => {
                tighten(schema);
                Ok(())
            }
        };
        direct.map_err(|fault| fault.in_schema(name))?;
    }
    Ok(())
}

/// One type serves both directions where they ask for the same, as for an enum, which is open in both; see
/// `open_enums`.
fn serve_both(schema: &mut Value) -> Result<(), Fault> {
    let mut loose = schema.clone();
    loosen(&mut loose)?;
    tighten(schema);
    match *schema == loose {
        true => Ok(()),
        false => Err(
            Fault::new("it is both sent and received, which ask for different types")
                .hint("give each direction a schema of its own"),
        ),
    }
}

/// Returns the names of the component schemas that answers are made of.
pub fn received(document: &Value) -> BTreeSet<String> {
    reached_from(document, &components(document), &[Place::Response])
}

/// Returns the names of the component schemas that requests are made of.
pub fn sent(document: &Value) -> BTreeSet<String> {
    reached_from(
        document,
        &components(document),
        &[Place::Body, Place::Parameter],
    )
}

/// Returns the names of the component schemas that these parts of the operations reach.
pub fn reached_from(
    document: &Value,
    components: &Map<String, Value>,
    places: &[Place],
) -> BTreeSet<String> {
    let operations = operations(document);
    let parts = operations.iter().flat_map(|found| {
        places.iter().filter_map(|place| {
            found.operation.get(match place {
                Place::Parameter => "parameters",
                Place::Body => "requestBody",
                Place::Response => "responses",
            })
        })
    });
    reached(components, parts)
}

/// Tells whether an answer is worth nothing without this member: a key that it must have, or that it consists of.
fn is_needed(answer: &Value, name: &str, member: &Value) -> bool {
    let is_alone = members(answer, "properties").count() == 1;
    let is_required = || items(answer, "required").any(|required| required == name);
    is_secret(member) && (is_alone || is_required())
}

/// Makes a schema accept what answers may hold beyond their description.
fn loosen(schema: &mut Value) -> Result<(), Fault> {
    remove(schema, &["default"]);
    if schema.get("$ref").is_some() || wrapped(schema).is_some() {
        return Ok(());
    }
    match type_of(schema) {
        Some("object") => {
            let needed = members(schema, "properties")
                .filter(|(name, member)| is_needed(schema, name, member));
            let needed: Vec<_> = needed.map(|(name, _)| name.clone()).collect();
            let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
            for (name, member) in properties.into_iter().flatten() {
                if member.get("$ref").is_none() {
                    member["nullable"] = json!(!needed.contains(name));
                }
            }
            schema["required"] = json!(needed);
            // Members that nobody knows of yet are no reason to fail.
            if schema.get("additionalProperties") == Some(&json!(false)) {
                remove(schema, &["additionalProperties"]);
            }
        }
        Some("string") if is_secret(schema) => {}
        Some("string") => {
            remove(schema, &LIMITS);
            if text(schema, "format") != Some("uuid") {
                remove(schema, &["format"]);
            }
        }
        Some("integer" | "number") => {
            remove(schema, &LIMITS);
            remove(schema, &["format", "enum"]);
        }
        Some(_) => remove(schema, &LIMITS),
        None if is_free_form(schema) => keep_annotations(schema),
        None => {
            return Err(Fault::new(
                "an answer that is one of several shapes would be read as the first of them",
            )
            .hint("describe it as one object with the members of all"))
        }
    }
    parts(schema)
        .into_iter()
        .try_for_each(|(_, part)| loosen(part))
}

/// Tells whether any JSON will do.
fn is_free_form(schema: &Value) -> bool {
    let shapes = [
        "$ref",
        "type",
        "properties",
        "oneOf",
        "anyOf",
        "allOf",
        "not",
    ];
    !shapes.iter().any(|name| has(schema, name))
}

fn keep_annotations(schema: &mut Value) {
    if let Some(keywords) = schema.as_object_mut() {
        keywords.retain(|name, _| {
            ["description", "nullable", "example", "deprecated"].contains(&name.as_str())
        });
    }
}

fn tighten(schema: &mut Value) {
    remove(schema, &["default"]);
    match type_of(schema) {
        Some("string") => {
            // The server checks patterns. Generated code would need a crate for regular expressions.
            remove(schema, &["pattern"]);
            // Rust's standard library has no type for a date, so it stays text.
            if matches!(text(schema, "format"), Some("date" | "date-time")) {
                remove(schema, &["format"]);
            }
        }
        // A list of fixed length becomes an array, and serde implements arrays of up to 32 items.
        Some("array") => {
            let longest = schema.get("maxItems");
            let is_fixed = longest.is_some() && longest == schema.get("minItems");
            if is_fixed && longest.and_then(Value::as_u64) > Some(32) {
                remove(schema, &["minItems", "maxItems"]);
            }
        }
        // The generator panics at limits without a type.
        None if is_free_form(schema) && !has(schema, "enum") => keep_annotations(schema),
        _ => {}
    }
    for (_, part) in parts(schema) {
        tighten(part);
    }
    // The parts first: what becomes nullable is copied as it stands.
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, member) in properties.into_iter().flatten() {
        if is(member, "nullable") {
            becomes_nullable(member);
        }
    }
}
