//! Pass: all successes of an operation have one type.
//!
//! The generator has one result for each operation, and panics where two successes differ. So the bodies of
//! several statuses become one schema, and where some statuses have a body and others none, the result is an
//! `Option` of it. Which of the statuses have none is noted for the runtime: only there may a body be missing.

use std::collections::BTreeSet;

use heck::ToPascalCase;
use openapiv3::{
    AdditionalProperties, Components, MediaType, ObjectType, OpenAPI, Operation, ReferenceOr,
    Response, Schema, SchemaKind, StatusCode, Type,
};
use serde_json::json;

use super::directions::{is_needed, loosen};
use super::fault::Fault;
use super::reach;
use super::rust_type::option_of;
use super::walk::{operation_id, operations_mut, parts};

/// Marks a response that has no body where another success of its operation has one.
const WITHOUT_BODY: &str = "x-without-body";

const SCHEMAS: &str = "#/components/schemas/";

/// Gives the successes of every operation one schema, or says why they cannot have one.
pub fn unite_successes(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let mut components = openapi.components.take().unwrap_or_default();
    for operation in operations_mut(openapi) {
        let id = operation_id(operation).to_owned();
        unite(operation, &id, &mut components).map_err(|fault| fault.in_operation(&id))?;
    }
    openapi.components = Some(components);
    Ok(())
}

/// The statuses that have no body where others have one.
pub fn without_body(operation: &Operation) -> Vec<u16> {
    let responses = &operation.responses.responses;
    let marked = |status: &StatusCode| {
        let response = responses.get(status).and_then(ReferenceOr::as_item);
        response.map(|response| response.extensions.contains_key(WITHOUT_BODY))
    };
    (200..=299)
        .filter(|code| {
            marked(&StatusCode::Code(*code))
                .or_else(|| marked(&StatusCode::Range(2)))
                .unwrap_or(false)
        })
        .collect()
}

fn unite(operation: &mut Operation, id: &str, components: &mut Components) -> Result<(), Fault> {
    let mut bodies = Vec::new();
    for response in responses(operation) {
        bodies.extend(body(response)?.cloned());
    }
    let without = operation.responses.responses.len() - bodies.len();
    let Some(first) = bodies.first() else {
        return Ok(());
    };
    let mut united = match bodies.iter().all(|body| body == first) {
        true => first.clone(),
        false => ReferenceOr::Item(merge(&bodies, components)?),
    };
    if without > 0 {
        let reference = hoist(united, id, components)?;
        united = ReferenceOr::Item(option_of(&json!({"$ref": reference})));
    }
    for response in responses(operation) {
        if response.content.is_empty() {
            let marked = json!(true);
            response.extensions.insert(WITHOUT_BODY.to_owned(), marked);
            let media = MediaType::default();
            response
                .content
                .insert("application/json".to_owned(), media);
        }
        for (_, media) in &mut response.content {
            media.schema = Some(united.clone());
        }
    }
    Ok(())
}

fn responses(operation: &mut Operation) -> impl Iterator<Item = &mut Response> {
    let responses = operation.responses.responses.iter_mut();
    responses.filter_map(|(_, response)| match response {
        ReferenceOr::Item(response) => Some(response),
        ReferenceOr::Reference { .. } => None,
    })
}

/// The schema of a response, if it has a body. Of several forms of a body the client asks for JSON.
fn body(response: &mut Response) -> Result<Option<&ReferenceOr<Schema>>, Fault> {
    let Some(other) = response.content.keys().next().cloned() else {
        return Ok(None);
    };
    response.content.retain(|media_type, _| is_json(media_type));
    response.content.truncate(1);
    match response.content.values().next() {
        Some(MediaType {
            schema: Some(schema),
            ..
        }) => Ok(Some(schema)),
        Some(_) => Err(Fault::new("an answer in JSON has no schema").mend("describe the answer")),
        None => Err(
            Fault::new(format!("its answer is `{other}`, and only JSON is read"))
                .mend("describe the answer as application/json, if it is that"),
        ),
    }
}

/// The media types that the generator takes for JSON.
fn is_json(media_type: &str) -> bool {
    let name = media_type.split(';').next().unwrap_or_default();
    name == "application/json"
}

/// Makes a component of the schema, and returns the reference to it.
fn hoist(
    schema: ReferenceOr<Schema>,
    id: &str,
    components: &mut Components,
) -> Result<String, Fault> {
    match schema {
        ReferenceOr::Reference { reference } => Ok(reference),
        ReferenceOr::Item(schema) => {
            let name = format!("{id} response").to_pascal_case();
            let reference = format!("{SCHEMAS}{name}");
            let schema = ReferenceOr::Item(schema);
            match components.schemas.insert(name.clone(), schema) {
                None => Ok(reference),
                Some(_) => Err(Fault::new(format!(
                    "its answer would have the name `{name}`, which another schema has"
                ))
                .mend("make the schema of the answer a component with a name of its own")),
            }
        }
    }
}

/// One object with the members of all.
fn merge(bodies: &[ReferenceOr<Schema>], components: &Components) -> Result<Schema, Fault> {
    let mut objects = Vec::new();
    for body in bodies {
        let (schema, object) = object(body, components).ok_or_else(|| {
            Fault::new("its successes differ, and not all of them are objects with members")
                .mend("describe all successes with one schema")
        })?;
        objects.push((schema, object));
    }
    let (first, mut merged) = objects.remove(0);
    let mut united = first.clone();
    for (schema, object) in objects {
        check_keys(&merged, &object)?;
        united.schema_data.nullable |= schema.schema_data.nullable;
        merged
            .required
            .retain(|name| object.required.contains(name));
        if extra(&merged) != extra(&object) {
            return Err(
                Fault::new("its successes differ in what other members they may have")
                    .mend("describe all successes with one schema"),
            );
        }
        for (name, member) in object.properties {
            match merged.properties.get(&name) {
                None => {
                    merged.properties.insert(name, member);
                }
                Some(present) if plain(present)? == plain(&member)? => {}
                Some(_) => {
                    return Err(Fault::new(format!(
                        "the member `{name}` of its successes has two different types"
                    ))
                    .mend("give the member one type in all successes"))
                }
            }
        }
    }
    united.schema_kind = SchemaKind::Type(Type::Object(merged));
    Ok(united)
}

/// What the reference, or the chain of them, leads to, if it is an object with members.
fn object<'a>(
    body: &'a ReferenceOr<Schema>,
    components: &'a Components,
) -> Option<(&'a Schema, ObjectType)> {
    let schema = reach::schema(body, components)?;
    match &schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) if !object.properties.is_empty() => {
            // A key that stands alone is as good as required, and is to stay so among other members.
            let mut object = object.clone();
            object.required = needed(&object)
                .into_iter()
                .chain(object.required.clone())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            Some((schema, object))
        }
        _ => None,
    }
}

/// A key that one success must have and another need not have could be lost without a word.
fn check_keys(one: &ObjectType, other: &ObjectType) -> Result<(), Fault> {
    match needed(one).symmetric_difference(&needed(other)).next() {
        None => Ok(()),
        Some(name) => Err(Fault::new(format!(
            "the key `{name}` must be in one of its successes and need not be in another"
        ))
        .mend("require the key in all successes, or in none")),
    }
}

fn needed(object: &ObjectType) -> BTreeSet<String> {
    let names = object.properties.keys();
    names
        .filter(|name| is_needed(object, name))
        .cloned()
        .collect()
}

/// The schema of other members; whether there may be others makes no difference to an answer.
fn extra(object: &ObjectType) -> Option<&ReferenceOr<Schema>> {
    match &object.additional_properties {
        Some(AdditionalProperties::Schema(schema)) => Some(schema),
        _ => None,
    }
}

/// The member as an answer is read, without what only a reader of the document sees.
fn plain(member: &ReferenceOr<Box<Schema>>) -> Result<ReferenceOr<Box<Schema>>, Fault> {
    let mut member = member.clone();
    if let ReferenceOr::Item(schema) = &mut member {
        loosen(schema)?;
        undocument(schema);
        schema.schema_data.nullable = true;
    }
    Ok(member)
}

/// Removes titles, descriptions and examples.
pub fn undocument(schema: &mut Schema) {
    let data = &mut schema.schema_data;
    data.title = None;
    data.description = None;
    data.example = None;
    data.external_docs = None;
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            undocument(part);
        }
    }
}
