//! An enum of text is open, a known variant or the text itself.
//!
//! PandaDoc's list of triggers, `WebhookSubscriptionTriggerEnum`, has grown four times and lost a value once. A closed
//! enum turns each such change into an answer that cannot be read.

use std::collections::BTreeMap;

use heck::ToPascalCase;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{json, Value};

use super::super::checks::check_distinct;
use super::super::emit::source::{ident, type_name};
use super::super::fault::Fault;
use super::super::schema::{components, components_mut, has, items, text, type_of};
use super::rust_type::becomes_ours;

/// The variant of a text that is none of the known ones.
const OTHER: &str = "Other";

/// Makes every component schema that is an enum of text a type of `module`'s own.
pub fn open_enums(document: &mut Value, module: &str) -> Result<(), Fault> {
    for (name, schema) in components_mut(document) {
        if is_open_enum(schema) {
            check_variants(schema).map_err(|fault| fault.in_schema(name))?;
            // Whether null may stand in its place is a matter of the place.
            schema["nullable"] = json!(false);
            becomes_ours(schema, &format!("{module}::types::{}", type_name(name)));
        }
    }
    Ok(())
}

/// Writes these types.
pub fn source(prepared: &Value) -> Result<TokenStream, Fault> {
    let mut enums = TokenStream::new();
    for (name, schema) in components(prepared) {
        if is_open_enum(&schema) {
            let written = open_enum(&name, &schema, &values(&schema));
            enums.extend(written.map_err(|fault| fault.in_schema(&name))?);
        }
    }
    Ok(quote! {
        pub mod open_enums {
            #enums
        }
    })
}

fn open_enum(name: &str, schema: &Value, values: &[&str]) -> Result<TokenStream, Fault> {
    let name = ident(&type_name(name))?;
    let description = text(schema, "description").unwrap_or("A known value, or another.");
    let variants: Vec<_> = values
        .iter()
        .map(|value| ident(&variant(value)))
        .collect::<Result<_, _>>()?;
    Ok(quote! {
        crate::runtime::open_enum! { #name #description #(#variants = #values,)* }
    })
}

/// Tells whether the schema becomes such a type.
pub fn is_open_enum(schema: &Value) -> bool {
    type_of(schema) == Some("string") && has(schema, "enum")
}

fn values(schema: &Value) -> Vec<&str> {
    items(schema, "enum").filter_map(Value::as_str).collect()
}

fn variant(value: &str) -> String {
    let name = value.to_pascal_case();
    match name.chars().next() {
        Some(first) if first.is_alphabetic() => name,
        _ => format!("X{name}"),
    }
}

fn check_variants(schema: &Value) -> Result<(), Fault> {
    let is_text = |value: &Value| value.is_string() || value.is_null();
    if !items(schema, "enum").all(is_text) {
        return Err(Fault::new("it is a text, and lists a value that is none")
            .hint("describe it with the type of its values"));
    }
    let mut seen = BTreeMap::from([
        (OTHER.to_owned(), "any other"),
        ("Self".to_owned(), "a word of Rust's"),
    ]);
    check_distinct("variant", &mut seen, values(schema).into_iter(), variant)
}
