//! Pass: remove the components that nothing reaches.

use std::collections::BTreeSet;

use openapiv3::{Components, OpenAPI, ReferenceOr};
use serde_json::Value;

use super::bounds::COMPONENTS;
use super::fault::Fault;
use super::reach::references;
use super::walk::operation_id;

/// Leaves only the components that the operations reach, and checks every reference on the way.
pub fn prune_components(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let components = openapi.components.take().unwrap_or_default();
    let all = to_value(&components)?;
    let mut reached = BTreeSet::new();
    for item in openapi
        .paths
        .paths
        .values()
        .filter_map(ReferenceOr::as_item)
    {
        let of_path = references(&to_value(&item.parameters)?);
        for (_, operation) in item.iter() {
            let mut pending = references(&to_value(operation)?);
            pending.extend(of_path.iter().cloned());
            while let Some(reference) = pending.pop_first() {
                let component = lookup(&all, &reference)
                    .map_err(|fault| fault.in_operation(operation_id(operation)))?;
                if reached.insert(reference) {
                    pending.append(&mut references(component));
                }
            }
        }
    }
    if reached.len() > COMPONENTS {
        return Err(Fault::new(format!(
            "the document is refused: its operations reach more than {COMPONENTS} components"
        ))
        .mend("leave out of the answers and requests what is not needed"));
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
        // `pointers` has written out the others.
        return Err(match components.pointer(&format!("/{inside}")) {
            Some(_) => endless(reference),
            None => dangling(reference),
        });
    }
    components
        .get(kind)
        .and_then(|of_kind| of_kind.get(name))
        .ok_or_else(|| dangling(reference))
}

fn to_value<T: serde::Serialize>(part: &T) -> Result<Value, Fault> {
    serde_json::to_value(part)
        .map_err(|error| Fault::new(format!("the document cannot be walked: {error}")))
}

fn dangling(reference: &str) -> Fault {
    Fault::new(format!("the reference `{reference}` leads nowhere"))
        .mend("take a complete copy of the document, or correct the reference")
}

fn endless(reference: &str) -> Fault {
    Fault::new(format!(
        "the reference `{reference}` stands within what it names"
    ))
    .mend("make what it names a component, and refer to that")
}

fn elsewhere(reference: &str) -> Fault {
    Fault::new(format!(
        "the reference `{reference}` does not name a component of this document"
    ))
    .mend("make what it names a component, and refer to that")
}
