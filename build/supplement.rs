//! Takes from a document by hand what the published one lacks.
//!
//! `specs/pandadoc.json`, version 7.18.2, has `updateWebhookSubscriptionSharedKey` and none of the seven
//! other operations in use.

use serde_json::{json, Value};

use super::fault::Fault;
use super::schema::{components, operations, text};

/// Adds the wanted operations and the component schemas that `published` lacks. What is in both is the
/// published one's. Returns whether an operation was taken.
pub fn supplement(published: &mut Value, by_hand: &Value, wanted: &[&str]) -> Result<bool, Fault> {
    let there: Vec<_> = operations(published)
        .iter()
        .map(|found| found.id().to_owned())
        .collect();
    let missing = |id: &&str| !there.iter().any(|there| there == id);
    for found in operations(by_hand) {
        let id = found.id();
        if !wanted.contains(&id) || !missing(&id) {
            continue;
        }
        let path = object(object(published, "paths")?, found.path)?;
        if let Some(theirs) = path.get(found.method) {
            let theirs = text(theirs, "operationId").unwrap_or_default();
            return Err(Fault::new(format!("`{}` has `{theirs}` in its place", found.path))
                .in_operation(id)
                .hint("it was renamed: change the list of operations in build/documents.rs and the document by hand"));
        }
        path[found.method] = found.operation.clone();
        path[found.method]["parameters"] = found.parameters().cloned().collect();
    }
    let schemas = object(object(published, "components")?, "schemas")?;
    for (name, schema) in components(by_hand) {
        if schemas.get(&name).is_none() {
            schemas[name] = schema;
        }
    }
    Ok(wanted.iter().any(missing))
}

/// Returns the object within this one, which is added if it is missing.
fn object<'a>(whole: &'a mut Value, name: &str) -> Result<&'a mut Value, Fault> {
    let members = whole.as_object_mut();
    let object = members.map(|members| members.entry(name).or_insert_with(|| json!({})));
    object.filter(|object| object.is_object()).ok_or_else(|| {
        Fault::new(format!(
            "the document is not valid OpenAPI 3.0: `{name}` isn't an object"
        ))
        .hint("correct the document, or take a complete copy of it")
    })
}
