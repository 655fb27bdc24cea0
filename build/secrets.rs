//! Pass: mark the members that hold key material, so that they become the crate's secret types.

use heck::ToSnakeCase;
use openapiv3::{
    OpenAPI, Operation, Parameter, ReferenceOr, Schema, SchemaKind, StringFormat, StringType, Type,
    VariantOrUnknownOrEmpty,
};

use super::fault::Fault;
use super::walk::{operation_id, operations_mut, parts, roots};

/// Members that hold a key, token or credential, wherever they stand and however their words are joined.
const SECRET_MEMBERS: [&str; 9] = [
    "shared_key",
    "secret",
    "secret_key",
    "private_key",
    "api_key",
    "password",
    "access_token",
    "refresh_token",
    "client_secret",
];

/// The length below which Ratepay refuses a secret.
pub const SIGNING_SECRET_MIN_LENGTH: usize = 64;

/// Gives every secret member the format `password`.
pub fn mark_secrets(openapi: &mut OpenAPI) -> Result<(), Fault> {
    for operation in operations_mut(openapi) {
        let id = operation_id(operation).to_owned();
        check_parameters(operation).map_err(|fault| fault.in_operation(&id))?;
        for (_, mut slot) in roots(operation) {
            if let Some(schema) = slot.inline() {
                mark(schema).map_err(|fault| fault.in_operation(&id))?;
            }
        }
    }
    for (name, schema) in &mut openapi.components.get_or_insert_default().schemas {
        if let ReferenceOr::Item(schema) = schema {
            mark(schema).map_err(|fault| fault.in_schema(name))?;
        }
    }
    Ok(())
}

/// Whether the generator will make one of the crate's secret types of this string.
pub fn is_secret(string: &StringType) -> bool {
    string.format == VariantOrUnknownOrEmpty::Item(StringFormat::Password)
}

fn names_a_secret(name: &str) -> bool {
    SECRET_MEMBERS.contains(&name.to_snake_case().as_str())
}

/// A URL is written to many logs, and the value of a generated header is not marked as sensitive.
fn check_parameters(operation: &Operation) -> Result<(), Fault> {
    for parameter in operation.parameters.iter().filter_map(ReferenceOr::as_item) {
        let name = &parameter.parameter_data_ref().name;
        let is_path = matches!(parameter, Parameter::Path { .. });
        if names_a_secret(name) && !is_path {
            return Err(Fault::new(format!(
                "the parameter `{name}` holds a key, and nothing keeps a query or a header from being printed"
            ))
            .mend("describe it as a security scheme, whose credential the builder is given"));
        }
    }
    Ok(())
}

fn mark(schema: &mut Schema) -> Result<(), Fault> {
    let members = match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => Some(&mut object.properties),
        SchemaKind::Any(any) => Some(&mut any.properties),
        _ => None,
    };
    if let Some(members) = members {
        for (name, member) in members {
            if names_a_secret(name) {
                mark_member(name, member)?;
            }
        }
    }
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            mark(part)?;
        }
    }
    Ok(())
}

fn mark_member(name: &str, member: &mut ReferenceOr<Box<Schema>>) -> Result<(), Fault> {
    let ReferenceOr::Item(schema) = member else {
        return Err(unprotected(name, "it is a reference"));
    };
    let SchemaKind::Type(Type::String(string)) = &mut schema.schema_kind else {
        return Err(unprotected(name, "it is not a string"));
    };
    if !has_a_type(string) {
        return Err(unprotected(
            name,
            "it has a limit that none of this crate's secret types checks",
        ));
    }
    string.format = VariantOrUnknownOrEmpty::Item(StringFormat::Password);
    // A default or an example would put a key into documentation.
    schema.schema_data.default = None;
    schema.schema_data.example = None;
    Ok(())
}

/// `Secret` takes any string, `SigningSecret` one of 64 characters or more; there are no others.
fn has_a_type(string: &StringType) -> bool {
    string.pattern.is_none()
        && string.enumeration.is_empty()
        && string.max_length.is_none()
        && matches!(string.min_length, None | Some(SIGNING_SECRET_MIN_LENGTH))
}

fn unprotected(member: &str, why: &str) -> Fault {
    Fault::new(format!(
        "the member `{member}` holds a key and would be generated as plain text, since {why}"
    ))
    .mend("describe it as a plain string, or teach build/secrets.rs about it")
}
