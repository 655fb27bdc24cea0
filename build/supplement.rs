//! Pass: take from a hand-written document what the published one lacks.

use openapiv3::{OpenAPI, PathItem, ReferenceOr};

use super::fault::Fault;
use super::inline::is_same;
use super::walk::operation_slots;

/// Adds the wanted operations that `published` has not, and the components that it has not. What is in
/// both is the published one's. Returns whether anything was taken.
pub fn supplement(
    published: &mut OpenAPI,
    by_hand: OpenAPI,
    wanted: &[&str],
) -> Result<bool, Fault> {
    let mut missing: Vec<&str> = wanted.to_vec();
    for (_, _, operation) in published.operations() {
        missing.retain(|id| operation.operation_id.as_deref() != Some(id));
    }
    for (path, item) in by_hand.paths.paths {
        if let ReferenceOr::Item(item) = item {
            let item = only(item, &missing);
            match published.paths.paths.get_mut(&path) {
                None => {
                    published.paths.paths.insert(path, ReferenceOr::Item(item));
                }
                Some(ReferenceOr::Item(published)) => add(published, item, &path)?,
                Some(ReferenceOr::Reference { .. }) => {
                    return Err(Fault::new(format!("the path `{path}` is a reference"))
                        .mend("write the path out in the document"));
                }
            }
        }
    }
    let ours = by_hand.components.unwrap_or_default();
    let theirs = published.components.get_or_insert_default();
    for (name, schema) in ours.schemas {
        theirs.schemas.entry(name).or_insert(schema);
    }
    for (name, parameter) in ours.parameters {
        theirs.parameters.entry(name).or_insert(parameter);
    }
    for (name, body) in ours.request_bodies {
        theirs.request_bodies.entry(name).or_insert(body);
    }
    for (name, response) in ours.responses {
        theirs.responses.entry(name).or_insert(response);
    }
    Ok(!missing.is_empty())
}

/// The item with no other operations than these. Its parameters go to each of them.
fn only(mut item: PathItem, wanted: &[&str]) -> PathItem {
    let shared = std::mem::take(&mut item.parameters);
    for slot in operation_slots(&mut item) {
        match slot {
            Some(operation)
                if wanted.contains(&operation.operation_id.as_deref().unwrap_or_default()) =>
            {
                for parameter in &shared {
                    if !operation
                        .parameters
                        .iter()
                        .any(|own| is_same(own, parameter))
                    {
                        operation.parameters.push(parameter.clone());
                    }
                }
            }
            _ => *slot = None,
        }
    }
    item
}

fn add(published: &mut PathItem, mut by_hand: PathItem, path: &str) -> Result<(), Fault> {
    for (slot, ours) in operation_slots(published)
        .into_iter()
        .zip(operation_slots(&mut by_hand))
    {
        match (&slot, ours.take()) {
            (_, None) => {}
            (None, ours) => *slot = ours,
            (Some(theirs), Some(ours)) => {
                let id = |operation: &openapiv3::Operation| {
                    operation.operation_id.clone().unwrap_or_default()
                };
                return Err(Fault::new(format!(
                    "`{path}` has `{}` in its place",
                    id(theirs)
                ))
                .in_operation(&id(&ours))
                .mend("it was renamed: change the list of operations in build/documents.rs and the document by hand"));
            }
        }
    }
    Ok(())
}
