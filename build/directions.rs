//! Passes: what is sent is strict, what is received is not.
//!
//! An answer that leaves a member out, has null in its place, or a value out of the documented bounds is
//! still an answer, and a client that fails to read it has lost a result. A request holds what the caller
//! said and nothing else: no default is written out, and null is told from absence.

use std::collections::BTreeSet;

use openapiv3::{
    AdditionalProperties, AnySchema, ObjectType, OpenAPI, Operation, ReferenceOr, Schema,
    SchemaKind, StringFormat, Type, VariantOrUnknownOrEmpty,
};
use serde_json::{json, Value};

use super::compose::wrapped;
use super::fault::Fault;
use super::generate::OWN_COMPONENTS;
use super::reach;
use super::rust_type::becomes_nullable;
use super::secrets::is_secret;
use super::walk::{
    body_roots, operation_id, operations_mut, parameter_roots, parts, response_roots,
};

/// Loosens what answers are made of, and tightens what requests are.
pub fn tell_directions_apart(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let (received, sent) = (received(openapi), sent(openapi));
    for operation in operations_mut(openapi) {
        let id = operation_id(operation).to_owned();
        for (_, mut slot) in response_roots(&mut operation.responses) {
            if let Some(schema) = slot.inline() {
                loosen(schema).map_err(|fault| fault.in_operation(&id))?;
            }
        }
        for (_, mut slot) in parameter_roots(&mut operation.parameters) {
            if let Some(schema) = slot.inline() {
                tighten(schema);
            }
        }
        for (_, mut slot) in body_roots(&mut operation.request_body) {
            if let Some(schema) = slot.inline() {
                tighten(schema);
                if schema.schema_data.nullable {
                    becomes_nullable(schema);
                }
            }
        }
    }
    for (name, schema) in &mut openapi.components.get_or_insert_default().schemas {
        let ReferenceOr::Item(schema) = schema else {
            continue;
        };
        // `generate` compares the pattern of this component with the one that its type checks.
        if OWN_COMPONENTS.iter().any(|(own, _, _)| own == name) && !received.contains(name) {
            continue;
        }
        match (received.contains(name), sent.contains(name)) {
            (true, true) => serve_both(schema).map_err(|fault| fault.in_schema(name))?,
            (true, false) => loosen(schema).map_err(|fault| fault.in_schema(name))?,
            (false, _) => tighten(schema),
        }
    }
    Ok(())
}

/// One type serves both directions where they ask for the same, as for an enum, which is open in both; see
/// `open_enums`.
fn serve_both(schema: &mut Schema) -> Result<(), Fault> {
    let mut loose = schema.clone();
    loosen(&mut loose)?;
    tighten(schema);
    if *schema == loose {
        return Ok(());
    }
    Err(
        Fault::new("it is both sent and received, which ask for different types")
            .mend("give each direction a schema of its own"),
    )
}

/// The component schemas that answers are made of.
pub fn received(openapi: &OpenAPI) -> BTreeSet<String> {
    reached(openapi, |operation| json!(operation.responses))
}

/// The component schemas that requests are made of.
pub fn sent(openapi: &OpenAPI) -> BTreeSet<String> {
    reached(openapi, |operation| {
        json!([operation.request_body, operation.parameters])
    })
}

/// The component schemas that a part of the operations reaches.
fn reached(openapi: &OpenAPI, part: impl Fn(&Operation) -> Value) -> BTreeSet<String> {
    let parts = openapi
        .operations()
        .map(|(_, _, operation)| part(operation));
    reach::schemas(openapi, &Value::Array(parts.collect()))
}

/// An answer is worth nothing without its key, if it must have one or holds nothing else.
pub fn is_needed(answer: &ObjectType, member: &str) -> bool {
    let is_key = matches!(
        answer.properties.get(member),
        Some(ReferenceOr::Item(schema))
            if matches!(&schema.schema_kind, SchemaKind::Type(Type::String(string)) if is_secret(string))
    );
    let alone = answer.properties.len() == 1;
    is_key && (alone || answer.required.iter().any(|name| name == member))
}

/// Makes a schema accept what answers may hold beyond their description.
pub fn loosen(schema: &mut Schema) -> Result<(), Fault> {
    schema.schema_data.default = None;
    if wrapped(schema).is_some() {
        return Ok(());
    }
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            let names = object.properties.keys().cloned();
            let required: Vec<_> = names.filter(|name| is_needed(object, name)).collect();
            for (name, member) in &mut object.properties {
                if let ReferenceOr::Item(member) = member {
                    member.schema_data.nullable = !required.contains(name);
                }
            }
            object.required = required;
            object.additional_properties = match object.additional_properties.take() {
                // Members that nobody knows of yet are no reason to fail.
                Some(AdditionalProperties::Any(false)) => None,
                other => other,
            };
        }
        SchemaKind::Type(Type::String(string)) if !is_secret(string) => {
            string.pattern = None;
            string.min_length = None;
            string.max_length = None;
            if !is_uuid(&string.format) {
                string.format = VariantOrUnknownOrEmpty::Empty;
            }
        }
        SchemaKind::Type(Type::Integer(integer)) => *integer = Default::default(),
        SchemaKind::Type(Type::Number(number)) => *number = Default::default(),
        SchemaKind::Type(Type::Array(array)) => {
            array.min_items = None;
            array.max_items = None;
            array.unique_items = false;
        }
        SchemaKind::Type(_) => {}
        SchemaKind::Any(any) if is_free_form(any) => *any = AnySchema::default(),
        _ => {
            return Err(Fault::new(
                "an answer that is one of several shapes would be read as the first of them",
            )
            .mend("describe it as one object with the members of all"))
        }
    }
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            loosen(part)?;
        }
    }
    Ok(())
}

/// Whether any JSON will do.
fn is_free_form(any: &AnySchema) -> bool {
    any.properties.is_empty()
        && any.one_of.is_empty()
        && any.any_of.is_empty()
        && any.all_of.is_empty()
        && any.not.is_none()
}

fn is_uuid(format: &VariantOrUnknownOrEmpty<openapiv3::StringFormat>) -> bool {
    *format == VariantOrUnknownOrEmpty::Unknown("uuid".to_owned())
}

fn tighten(schema: &mut Schema) {
    schema.schema_data.default = None;
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::String(string)) => {
            // The server checks patterns. Generated code would need a crate for regular expressions.
            string.pattern = None;
            // Rust's standard library has no type for a date, so it stays text.
            if matches!(
                string.format,
                VariantOrUnknownOrEmpty::Item(StringFormat::Date | StringFormat::DateTime)
            ) {
                string.format = VariantOrUnknownOrEmpty::Empty;
            }
        }
        // A list of fixed length becomes an array, and serde implements arrays of up to 32 items.
        SchemaKind::Type(Type::Array(array))
            if array.min_items == array.max_items && array.max_items > Some(32) =>
        {
            array.min_items = None;
            array.max_items = None;
        }
        // The generator panics at limits without a type.
        SchemaKind::Any(any) if is_free_form(any) && any.enumeration.is_empty() => {
            *any = AnySchema::default();
        }
        _ => {}
    }
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            tighten(part);
        }
    }
    // The parts first: what becomes nullable is copied as it stands.
    if let SchemaKind::Type(Type::Object(object)) = &mut schema.schema_kind {
        for member in object.properties.values_mut() {
            let ReferenceOr::Item(member) = member else {
                continue;
            };
            if member.schema_data.nullable {
                becomes_nullable(member);
            }
        }
    }
}
