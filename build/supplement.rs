//! Takes from a document by hand what the published one lacks, and the texts of both.
//!
//! `specs/pandadoc.json`, version 7.18.2, has `updateWebhookSubscriptionSharedKey` and none of the seven
//! other operations in use. Published texts are titles, such as "Details Webhook Event", or missing.

use serde_json::{json, Value};

use super::fault::Fault;
use super::schema::{components, members_mut, operations, remove, text};

/// Adds the wanted operations and the component schemas that `published` lacks. The published one takes
/// precedence.
pub fn supplement(published: &mut Value, by_hand: &Value, wanted: &[&str]) -> Result<(), Fault> {
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
    Ok(())
}

/// Replaces the texts of operations, parameters, components and their members that the document by hand describes
/// too. No other part of the published document changes.
pub fn retell(published: &mut Value, by_hand: &Value) {
    for found in operations(by_hand) {
        let item = published["paths"].get_mut(found.path);
        let operation = item.and_then(|item| item.get_mut(found.method));
        let Some(operation) = operation.filter(|it| text(it, "operationId") == Some(found.id()))
        else {
            continue;
        };
        remove(operation, "description");
        take_texts(operation, found.operation);
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let same = |it: &&Value| it["name"] == parameter["name"] && it["in"] == parameter["in"];
            if let Some(ours) = found.parameters().find(same) {
                take_texts(parameter, ours);
            }
        }
    }
    for (name, ours) in components(by_hand) {
        if let Some(schema) = published["components"]["schemas"].get_mut(&name) {
            take_texts(schema, &ours);
            for (name, member) in members_mut(schema, "properties") {
                take_texts(member, &ours["properties"][name]);
            }
        }
    }
}

/// A reference has no text of its own.
fn take_texts(published: &mut Value, by_hand: &Value) {
    let published = published.as_object_mut();
    if let Some(published) = published.filter(|it| !it.contains_key("$ref")) {
        for keyword in ["summary", "description"] {
            if let Some(text) = text(by_hand, keyword) {
                published.insert(keyword.to_owned(), text.into());
            }
        }
    }
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
