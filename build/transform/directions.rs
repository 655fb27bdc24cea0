//! PandaDoc's `createWebhookSubscription` has a default for `active`, which a request must not write out, and
//! none of its answers requires a member.
//!
//! A request holds what the caller said and nothing else, and null is told from absence. An answer is still
//! an answer if a member is missing, null or outside the documented limits. A client that fails to read it
//! has lost a result.

use serde_json::{json, Value};

use super::super::schema::{
    component, components_mut, is, items, members, members_mut, parameters_mut, parts, received,
    remove, text, type_of,
};
use super::own_types::{becomes_nullable, becomes_own_type, EXTENSION};
use super::secrets::is_secret;

/// The keywords that types are generated from. Limits aren't among them, since the server checks those of
/// requests.
const KEPT: [&str; 10] = [
    "$ref",
    EXTENSION,
    "description",
    "enum",
    "format",
    "items",
    "nullable",
    "properties",
    "required",
    "type",
];

/// The formats whose types answers have. A date stays text, because Rust's standard library has no type for
/// it.
const RECEIVED: [&str; 2] = ["password", "uuid"];

/// The formats whose types requests have.
const SENT: [&str; 4] = ["int32", "password", "url", "uuid"];

/// Loosens what answers are made of, and tightens what requests are.
pub fn tell_directions_apart(document: &mut Value) {
    let received = received(document);
    for schema in parameters_mut(document) {
        keep(schema, &SENT);
        never_null(schema);
    }
    for (name, schema) in components_mut(document) {
        match received.contains(name) {
            true => loosen(schema),
            false => tighten(schema),
        }
    }
}

/// Keeps of a schema what its type is generated from.
fn keep(schema: &mut Value, formats: &[&str]) {
    if text(schema, "format").is_some_and(|format| !formats.contains(&format)) {
        remove(schema, "format");
    }
    becomes_own_type(schema);
    if let Some(keywords) = schema.as_object_mut() {
        keywords.retain(|keyword, _| KEPT.contains(&keyword.as_str()));
    }
    let parts = parts(schema).into_iter();
    parts.for_each(|part| keep(part, formats));
}

/// A parameter that may be null may be left out instead.
fn never_null(schema: &mut Value) {
    remove(schema, "nullable");
    parts(schema).into_iter().for_each(never_null);
}

fn loosen(schema: &mut Value) {
    keep(schema, &RECEIVED);
    if type_of(schema) != Some("string") {
        remove(schema, "enum");
    }
    if type_of(schema) == Some("object") {
        let needed = members(schema, "properties");
        let needed = needed.filter(|(name, member)| is_needed(schema, name, member));
        let needed: Vec<_> = needed.map(|(name, _)| name.clone()).collect();
        for (name, member) in members_mut(schema, "properties") {
            if component(member).is_none() {
                member["nullable"] = json!(!needed.contains(name));
            }
        }
        schema["required"] = json!(needed);
    }
}

/// Tells whether an answer is worth nothing without this member: a key that it must have, or that it consists
/// of.
fn is_needed(answer: &Value, name: &str, member: &Value) -> bool {
    let is_alone = members(answer, "properties").count() == 1;
    let is_required = || items(answer, "required").any(|required| required == name);
    is_secret(member) && (is_alone || is_required())
}

fn tighten(schema: &mut Value) {
    keep(schema, &SENT);
    let required: Vec<_> = items(schema, "required").cloned().collect();
    for (name, member) in members_mut(schema, "properties") {
        if is(member, "nullable") {
            becomes_nullable(member);
        } else if component(member).is_none() {
            // Otherwise a list that is empty would be left out.
            member["nullable"] = json!(!required.contains(&json!(name)));
        }
    }
}
