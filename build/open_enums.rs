//! Pass: an enum of text is open, a known variant or the text itself.
//!
//! PandaDoc's list of triggers has grown four times and lost a value once. A closed enum turns each such
//! change into an answer that cannot be read.

use std::collections::BTreeMap;

use heck::ToPascalCase;
use openapiv3::{OpenAPI, ReferenceOr, Schema, SchemaKind, StringType, Type};
use proc_macro2::TokenStream;
use quote::quote;

use super::fault::Fault;
use super::rust_type::becomes_ours;
use super::source::{ident, type_name};

/// The variant of a text that is none of the known ones.
const OTHER: &str = "Other";

/// Makes every component schema that is an enum of text a type of `module`'s own.
pub fn open_enums(openapi: &mut OpenAPI, module: &str) -> Result<(), Fault> {
    for (name, schema) in &mut openapi.components.get_or_insert_default().schemas {
        let ReferenceOr::Item(schema) = schema else {
            continue;
        };
        let Some(values) = values(schema) else {
            continue;
        };
        check_variants(&values).map_err(|fault| fault.in_schema(name))?;
        let name = type_name(name);
        // Whether null may stand in its place is a matter of the place.
        schema.schema_data.nullable = false;
        becomes_ours(schema, &format!("{module}::types::{name}"));
    }
    Ok(())
}

/// Writes these types.
pub fn source(prepared: &OpenAPI) -> Result<TokenStream, Fault> {
    let mut enums = TokenStream::new();
    let schemas = prepared
        .components
        .iter()
        .flat_map(|components| &components.schemas);
    for (name, schema) in schemas {
        if let Some((schema, values)) = schema.as_item().and_then(|it| Some((it, values(it)?))) {
            enums.extend(open_enum(name, schema, &values).map_err(|fault| fault.in_schema(name))?);
        }
    }
    Ok(quote! {
        pub mod open_enums {
            #enums
        }
    })
}

fn open_enum(name: &str, schema: &Schema, values: &[&str]) -> Result<TokenStream, Fault> {
    let name = ident(&type_name(name))?;
    let description = schema.schema_data.description.as_deref();
    let description = description.unwrap_or("A known value, or another.");
    let variants: Vec<_> = values
        .iter()
        .map(|value| ident(&variant(value)))
        .collect::<Result<_, _>>()?;
    Ok(quote! {
        crate::runtime::open_enum! { #name #description #(#variants = #values,)* }
    })
}

/// Whether the schema becomes such a type.
pub fn is_open_enum(schema: &Schema) -> bool {
    values(schema).is_some()
}

fn values(schema: &Schema) -> Option<Vec<&str>> {
    match &schema.schema_kind {
        SchemaKind::Type(Type::String(StringType { enumeration, .. }))
            if !enumeration.is_empty() =>
        {
            Some(enumeration.iter().flatten().map(String::as_str).collect())
        }
        _ => None,
    }
}

fn variant(value: &str) -> String {
    let name = value.to_pascal_case();
    match name.chars().next() {
        Some(first) if first.is_alphabetic() => name,
        _ => format!("X{name}"),
    }
}

fn check_variants(values: &[&str]) -> Result<(), Fault> {
    let mut seen = BTreeMap::from([
        (OTHER.to_owned(), "any other"),
        ("Self".to_owned(), "a word of Rust's"),
    ]);
    for value in values {
        if let Some(other) = seen.insert(variant(value), value) {
            return Err(Fault::new(format!(
                "`{other}` and `{value}` would share the variant name `{}`",
                variant(value)
            ))
            .mend("rename one of them in the document"));
        }
    }
    Ok(())
}
