//! Takes from a document by hand what the published one lacks.
//!
//! `specs/pandadoc.json`, version 7.18.2, has one of the eight operations in use.

use serde_json::{json, Map, Value};

use super::fault::Fault;
use super::schema::{items, members, operations, text, Found};
use super::select::is_same;

/// Adds the wanted operations and the components that `published` lacks. What is in both is the published one's. Returns
/// whether an operation was taken.
pub fn supplement(published: &mut Value, by_hand: &Value, wanted: &[&str]) -> Result<bool, Fault> {
    let there = operations(published);
    let missing = wanted
        .iter()
        .filter(|id| there.iter().all(|found| found.id() != **id));
    let missing: Vec<&str> = missing.copied().collect();
    let paths = object(published, "paths")?;
    for found in operations(by_hand) {
        if missing.contains(&found.id()) {
            let item = paths.entry(found.path).or_insert_with(|| json!({}));
            add(item, &found)?;
        }
    }
    let components = object(published, "components")?;
    for kind in ["schemas", "parameters", "requestBodies", "responses"] {
        let theirs = components.entry(kind).or_insert_with(|| json!({}));
        let ours = members(&by_hand["components"], kind);
        if let Some(theirs) = theirs.as_object_mut() {
            for (name, component) in ours {
                theirs.entry(name).or_insert_with(|| component.clone());
            }
        }
    }
    Ok(!missing.is_empty())
}

/// Adds the operation to a path of the published document, with the parameters of its own path.
fn add(item: &mut Value, found: &Found) -> Result<(), Fault> {
    let path = found.path;
    if let Some(theirs) = item.get(found.method) {
        let theirs = text(theirs, "operationId").unwrap_or_default();
        return Err(Fault::new(format!("`{path}` has `{theirs}` in its place"))
            .in_operation(found.id())
            .hint("it was renamed: change the list of operations in build/documents.rs and the document by hand"));
    }
    let Some(item) = item
        .as_object_mut()
        .filter(|item| !item.contains_key("$ref"))
    else {
        return Err(Fault::new(format!("the path `{path}` is a reference"))
            .hint("write the path out in the document"));
    };
    let own: Vec<_> = items(found.operation, "parameters").collect();
    let of_path = items(found.item, "parameters");
    let of_path = of_path.filter(|parameter| !own.iter().any(|own| is_same(own, parameter)));
    let parameters: Vec<_> = own.iter().copied().chain(of_path).collect();
    let mut operation = found.operation.clone();
    operation["parameters"] = json!(parameters);
    item.insert(found.method.to_owned(), operation);
    Ok(())
}

/// Returns the object within the document, which is added if it is missing.
fn object<'a>(document: &'a mut Value, name: &str) -> Result<&'a mut Map<String, Value>, Fault> {
    let root = document.as_object_mut();
    let object = root.and_then(|root| {
        root.entry(name)
            .or_insert_with(|| json!({}))
            .as_object_mut()
    });
    object.ok_or_else(|| {
        Fault::new(format!(
            "the document is not valid OpenAPI 3.0: `{name}` isn't an object"
        ))
        .hint("correct the document, or take a complete copy of it")
    })
}
