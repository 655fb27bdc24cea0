//! Pass: mark the members that hold key material, so that they become the crate's secret types.

use heck::ToSnakeCase;
use openapiv3::{
    Components, OpenAPI, Operation, Parameter, ReferenceOr, Schema, SchemaKind, StringFormat,
    StringType, Type, VariantOrUnknownOrEmpty,
};

use super::compose::wrapped;
use super::fault::Fault;
use super::reach;
use super::walk::{operation_id, operations_mut, parts, roots};

/// The last words of names of keys, tokens and credentials, whatever the case style of the name.
const SECRET_WORDS: [&str; 4] = ["key", "secret", "token", "password"];

/// Members, in snake case, that have such a name and don't hold a secret. Each is in a document of `specs/`.
pub const NOT_SECRETS: [&str; 0] = [];

/// The length below which Ratepay refuses a secret.
pub const SIGNING_SECRET_MIN_LENGTH: usize = 64;

/// Gives every secret member the format `password`.
pub fn mark_secrets(openapi: &mut OpenAPI) -> Result<(), Fault> {
    let components = openapi.components.clone().unwrap_or_default();
    for operation in operations_mut(openapi) {
        let id = operation_id(operation).to_owned();
        check_parameters(operation).map_err(|fault| fault.in_operation(&id))?;
        for (_, mut slot) in roots(operation) {
            if let Some(schema) = slot.inline() {
                mark(schema, &components).map_err(|fault| fault.in_operation(&id))?;
            }
        }
    }
    for (name, schema) in &mut openapi.components.get_or_insert_default().schemas {
        if let ReferenceOr::Item(schema) = schema {
            mark(schema, &components).map_err(|fault| fault.in_schema(name))?;
        }
    }
    Ok(())
}

/// Whether the generator will make one of the crate's secret types of this string.
pub fn is_secret(string: &StringType) -> bool {
    string.format == VariantOrUnknownOrEmpty::Item(StringFormat::Password)
}

/// Tells whether a member or parameter of this name holds a secret. `exceptions` don't.
pub fn names_a_secret(name: &str, exceptions: &[&str]) -> bool {
    let name = name.to_snake_case();
    // `key_2` is a key too.
    let unnumbered = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let last = unnumbered.rsplit('_').next().unwrap_or_default();
    SECRET_WORDS.contains(&last) && !exceptions.contains(&name.as_str())
}

/// A URL is written to many logs, and the value of a generated header is not marked as sensitive.
fn check_parameters(operation: &Operation) -> Result<(), Fault> {
    for parameter in operation.parameters.iter().filter_map(ReferenceOr::as_item) {
        let name = &parameter.parameter_data_ref().name;
        let is_path = matches!(parameter, Parameter::Path { .. });
        if names_a_secret(name, &NOT_SECRETS) && !is_path {
            return Err(Fault::new(format!(
                "the parameter `{name}` holds a key, and nothing keeps a query or a header from being printed"
            ))
            .mend("describe it as a security scheme, whose credential the builder is given"));
        }
    }
    Ok(())
}

fn mark(schema: &mut Schema, components: &Components) -> Result<(), Fault> {
    let members = match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => Some(&mut object.properties),
        SchemaKind::Any(any) => Some(&mut any.properties),
        _ => None,
    };
    if let Some(members) = members {
        for (name, member) in members {
            if names_a_secret(name, &NOT_SECRETS) {
                mark_member(name, member, components)?;
            }
        }
    }
    for (_, mut slot) in parts(schema) {
        if let Some(part) = slot.inline() {
            mark(part, components)?;
        }
    }
    Ok(())
}

fn mark_member(
    name: &str,
    member: &mut ReferenceOr<Box<Schema>>,
    components: &Components,
) -> Result<(), Fault> {
    let mut described = described(member, components)
        .ok_or_else(|| unprotected(name, "it refers to nothing that is described"))?;
    let string = match &mut described.schema_kind {
        SchemaKind::Type(Type::String(string)) => string,
        kind if cannot_be_text(kind) => return Ok(()),
        _ => return Err(unprotected(name, "it is not a string")),
    };
    if !has_a_type(string) {
        return Err(unprotected(
            name,
            "it has a limit that none of this crate's secret types checks",
        ));
    }
    string.format = VariantOrUnknownOrEmpty::Item(StringFormat::Password);
    string.pattern = None;
    // A default or an example would put a key into documentation.
    described.schema_data.default = None;
    described.schema_data.example = None;
    *member = ReferenceOr::boxed_item(described);
    Ok(())
}

/// Returns the schema of the member, following references.
fn described(member: &ReferenceOr<Box<Schema>>, components: &Components) -> Option<Schema> {
    let member = member.clone().unbox();
    let nullable = matches!(&member, ReferenceOr::Item(schema) if schema.schema_data.nullable);
    let place = match member.as_item().and_then(wrapped) {
        Some(reference) => ReferenceOr::ref_(reference),
        None => member,
    };
    let mut schema = reach::schema(&place, components)?.clone();
    schema.schema_data.nullable |= nullable;
    Some(schema)
}

/// Tells whether a text cannot be a value of it. The members of an object are judged by their own names.
fn cannot_be_text(kind: &SchemaKind) -> bool {
    match kind {
        SchemaKind::Type(Type::Boolean(_) | Type::Number(_) | Type::Integer(_)) => true,
        SchemaKind::Type(Type::Object(object)) => !object.properties.is_empty(),
        _ => false,
    }
}

/// `Secret` takes any string, `SigningSecret` one of 64 characters or more; there are no others.
fn has_a_type(string: &StringType) -> bool {
    // The server checks its patterns.
    string.enumeration.is_empty()
        && string.max_length.is_none()
        && matches!(string.min_length, None | Some(SIGNING_SECRET_MIN_LENGTH))
}

fn unprotected(member: &str, why: &str) -> Fault {
    Fault::new(format!(
        "the member `{member}` holds a key and would be generated as plain text, since {why}"
    ))
    .mend("describe it as a plain string, or teach build/secrets.rs about it")
}
