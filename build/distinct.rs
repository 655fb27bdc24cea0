//! Pass: no two things of the document share a Rust name.
//!
//! The generator lets the first of two types of one name serve for both, without a word.

use std::collections::BTreeMap;

use heck::{ToPascalCase, ToSnakeCase};
use openapiv3::{OpenAPI, Operation, ReferenceOr, Schema, SchemaKind, Type};

use super::fault::Fault;
use super::source::{ident, type_name};

/// Methods that a generated client has whatever the document says.
const METHODS: [&str; 3] = ["builder", "new", "new_with_client"];

/// Checks types, methods, parameters and members. Names of types and methods must be identifiers in Rust.
pub fn check_distinct_names(openapi: &OpenAPI) -> Result<(), Fault> {
    let operations: Vec<_> = openapi
        .operations()
        .filter_map(|(_, _, operation)| Some((operation.operation_id.as_deref()?, operation)))
        .collect();
    let methods = METHODS
        .into_iter()
        .chain(operations.iter().map(|(id, _)| *id));
    check("method", methods, |id| id.to_snake_case())?;
    for (id, operation) in operations {
        ident(&id.to_snake_case()).map_err(|fault| fault.in_operation(id))?;
        ident(&id.to_pascal_case()).map_err(|fault| fault.in_operation(id))?;
        check("parameter", parameters(operation), |name| {
            name.to_snake_case()
        })
        .map_err(|fault| fault.in_operation(id))?;
    }
    let Some(components) = &openapi.components else {
        return Ok(());
    };
    let types = components.schemas.keys().map(String::as_str);
    check("type", types, type_name)?;
    for (name, schema) in &components.schemas {
        ident(&type_name(name)).map_err(|fault| fault.in_schema(name))?;
        if let ReferenceOr::Item(schema) = schema {
            check("member", members(schema), |member| member.to_snake_case())
                .map_err(|fault| fault.in_schema(name))?;
        }
    }
    Ok(())
}

fn check<'a>(
    kind: &str,
    names: impl Iterator<Item = &'a str>,
    rust_name: impl Fn(&str) -> String,
) -> Result<(), Fault> {
    let mut seen = BTreeMap::new();
    for name in names {
        if let Some(other) = seen.insert(rust_name(name), name) {
            return Err(Fault::new(format!(
                "`{other}` and `{name}` would share the {kind} name `{}`",
                rust_name(name)
            ))
            .mend("rename one of them in the document"));
        }
    }
    Ok(())
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &str> {
    let body = operation.request_body.is_some().then_some("body");
    operation
        .parameters
        .iter()
        .filter_map(ReferenceOr::as_item)
        .map(|parameter| parameter.parameter_data_ref().name.as_str())
        .chain(body)
}

fn members(schema: &Schema) -> impl Iterator<Item = &str> {
    let properties = match &schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => Some(&object.properties),
        SchemaKind::Any(any) => Some(&any.properties),
        _ => None,
    };
    properties
        .into_iter()
        .flat_map(|properties| properties.keys().map(String::as_str))
}
