//! Pass: remove the components that nothing reaches.

use std::collections::BTreeSet;

use openapiv3::{Components, OpenAPI};
use serde_json::Value;

use super::fault::Fault;

/// Leaves only the components that the operations reach, and checks every reference on the way.
pub fn prune_components(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let Some(components) = openapi.components.take() else {
        return match references(&to_value(&openapi.paths)?).into_iter().next() {
            Some(reference) => Err(dangling(&reference)),
            None => Ok(()),
        };
    };
    let all = to_value(&components)?;
    let mut reached = BTreeSet::new();
    let mut pending = references(&to_value(&openapi.paths)?);
    while let Some(reference) = pending.pop_first() {
        let component = lookup(&all, &reference)?;
        if reached.insert(reference) {
            pending.append(&mut references(component));
        }
    }
    openapi.components = Some(retain(components, &reached));
    Ok(())
}

fn retain(mut components: Components, reached: &BTreeSet<String>) -> Components {
    let reaches = |kind: &str, name: &str| reached.contains(&format!("#/components/{kind}/{name}"));
    components
        .schemas
        .retain(|name, _| reaches("schemas", name));
    components
        .responses
        .retain(|name, _| reaches("responses", name));
    components
        .parameters
        .retain(|name, _| reaches("parameters", name));
    components
        .request_bodies
        .retain(|name, _| reaches("requestBodies", name));
    components
        .headers
        .retain(|name, _| reaches("headers", name));
    components
        .examples
        .retain(|name, _| reaches("examples", name));
    components.links.retain(|name, _| reaches("links", name));
    components
        .callbacks
        .retain(|name, _| reaches("callbacks", name));
    components
}

/// The component that `reference` names, within the components as JSON.
fn lookup<'a>(components: &'a Value, reference: &str) -> Result<&'a Value, Fault> {
    let inside = reference
        .strip_prefix("#/components/")
        .ok_or_else(|| elsewhere(reference))?;
    let (kind, name) = inside.split_once('/').ok_or_else(|| dangling(reference))?;
    if name.contains('/') {
        return Err(elsewhere(reference));
    }
    components
        .get(kind)
        .and_then(|of_kind| of_kind.get(name))
        .ok_or_else(|| dangling(reference))
}

/// Every `$ref` below `value`.
pub fn references(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                found.insert(reference.to_owned());
            }
            members.values().for_each(|member| collect(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn to_value<T: serde::Serialize>(part: &T) -> Result<Value, Fault> {
    serde_json::to_value(part)
        .map_err(|error| Fault::new(format!("the document cannot be walked: {error}")))
}

fn dangling(reference: &str) -> Fault {
    Fault::new(format!("the reference `{reference}` leads nowhere"))
        .mend("take a complete copy of the document, or correct the reference")
}

fn elsewhere(reference: &str) -> Fault {
    Fault::new(format!(
        "the reference `{reference}` does not name a component of this document"
    ))
    .mend("make what it names a component, and refer to that")
}
