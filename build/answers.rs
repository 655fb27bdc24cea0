//! Answers are non-exhaustive, since they gain members. So whoever needs one in a test needs a constructor
//! where there is no default: that is where an answer must hold a key.

use heck::{ToPascalCase, ToSnakeCase};
use openapiv3::{ObjectType, OpenAPI, SchemaKind, StringType, Type};

use super::directions::{received, sent};
use super::secrets::SIGNING_SECRET_MIN_LENGTH;

/// The types of what is only received, and has members.
pub fn answers(prepared: &OpenAPI) -> impl Iterator<Item = (String, &ObjectType)> {
    let (received, sent) = (received(prepared), sent(prepared));
    let schemas = prepared
        .components
        .iter()
        .flat_map(|components| &components.schemas);
    schemas
        .filter(move |(name, _)| received.contains(*name) && !sent.contains(*name))
        .filter_map(|(name, schema)| match &schema.as_item()?.schema_kind {
            SchemaKind::Type(Type::Object(object)) => Some((name.to_pascal_case(), object)),
            _ => None,
        })
}

/// Source of their constructors. `client` is the source of the client, which has the types.
pub fn constructors(prepared: &OpenAPI, client: &str) -> String {
    answers(prepared)
        .filter(|(_, object)| !object.required.is_empty())
        .map(|(name, object)| constructor(&name, object, client))
        .collect()
}

fn constructor(name: &str, object: &ObjectType, client: &str) -> String {
    let mut arguments = String::new();
    let mut members = String::new();
    for field in fields(name, client) {
        let required = object.properties.iter().find_map(|(member, schema)| {
            let is_it = member.to_snake_case() == field && object.required.contains(member);
            is_it.then_some(&schema.as_item()?.schema_kind)
        });
        if let Some(SchemaKind::Type(Type::String(key))) = required {
            arguments += &format!("{field}: {}, ", secret(key));
            members += &format!("{field}, ");
        } else {
            members += &format!("{field}: ::std::default::Default::default(), ");
        }
    }
    format!(
        "impl types::{name} {{
            /// An answer with what it must have and nothing else, for tests.
            #[must_use]
            pub fn new({arguments}) -> Self {{ Self {{ {members} }} }}
        }}\n"
    )
}

/// The fields of the generated type.
fn fields<'a>(name: &str, client: &'a str) -> Vec<&'a str> {
    let definition = client.split_once(&format!("pub struct {name} {{"));
    let body = definition.and_then(|(_, rest)| rest.split_once('}'));
    let words: Vec<_> = body
        .map_or("", |(body, _)| body)
        .split_whitespace()
        .collect();
    words
        .windows(3)
        .filter_map(|words| match words {
            ["pub", field, ":"] => Some(*field),
            _ => None,
        })
        .collect()
}

/// Nothing but a key is required in an answer.
fn secret(key: &StringType) -> &'static str {
    match key.min_length {
        Some(SIGNING_SECRET_MIN_LENGTH) => "crate::ratepay::SigningSecret",
        _ => "crate::Secret",
    }
}
