//! Three members of PandaDoc's `createWebhookSubscription` have types of this crate. `url` is a `WebhookUrl`,
//! `triggers` are values of an open enum, and `payload` is a `Nullable`.
//!
//! PandaDoc's list of triggers, `WebhookSubscriptionTriggerEnum`, has grown four times and lost a value once.
//! A closed enum turns each such change into an answer that cannot be read.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{json, Value};

use super::super::emit::source::{ident, type_name};
use super::super::fault::Fault;
use super::super::schema::{components, components_mut, is_enum_of_texts, items, text, type_of};
use super::secrets::is_secret;

/// Names a Rust type to the generator, which then looks at nothing else of a schema.
pub const EXTENSION: &str = "x-rust-type";

/// Component schemas that have a type of this crate, by their name and the pattern that the type checks. Its
/// errors say more than generated ones, and it needs no engine for regular expressions.
pub const OWN_COMPONENTS: [(&str, &str, &str); 1] = [(
    "SubscriptionId",
    "^[A-Za-z0-9_-]{20}$",
    "ratepay::types::SubscriptionId",
)];

/// Ratepay rejects secrets that are shorter.
const SIGNING_SECRET_MIN_LENGTH: usize = 64;

/// Makes a type of this crate of a secret or a URL.
pub fn becomes_own_type(schema: &mut Value) {
    let is_signing_secret = schema.get("minLength") == Some(&json!(SIGNING_SECRET_MIN_LENGTH));
    let is_url = type_of(schema) == Some("string") && text(schema, "format") == Some("url");
    let own = match is_secret(schema) {
        true if is_signing_secret => "ratepay::SigningSecret",
        true => "Secret",
        false if is_url => "WebhookUrl",
        false => return,
    };
    schema[EXTENSION] = own_type(own, json!([]));
}

/// Makes a `Nullable` of the schema.
pub fn becomes_nullable(schema: &mut Value) {
    schema["nullable"] = json!(false);
    schema[EXTENSION] = own_type("Nullable", json!([schema]));
}

/// Makes types of `module`'s own of the components that have one, and of every enum of texts.
pub fn own_components(document: &mut Value, module: &str) {
    for (name, schema) in components_mut(document) {
        let own = OWN_COMPONENTS.iter().find(|(own, ..)| own == name);
        let own = match own {
            Some((_, _, own)) => (*own).to_owned(),
            None if is_enum_of_texts(schema) => format!("{module}::types::{}", type_name(name)),
            None => continue,
        };
        schema[EXTENSION] = own_type(&own, json!([]));
    }
}

fn own_type(path: &str, parameters: Value) -> Value {
    let path = format!("webhook_subscriptions::{path}");
    json!({"crate": "webhook-subscriptions", "version": "*", "path": path, "parameters": parameters})
}

/// Writes the enums, each with a variant for any other text.
pub fn open_enums(prepared: &Value) -> Result<TokenStream, Fault> {
    let mut enums = TokenStream::new();
    for (name, schema) in components(prepared) {
        if is_enum_of_texts(&schema) {
            let written = open_enum(&name, &schema);
            enums.extend(written.map_err(|fault| fault.in_schema(&name))?);
        }
    }
    Ok(quote! {
        pub mod open_enums {
            #enums
        }
    })
}

fn open_enum(name: &str, schema: &Value) -> Result<TokenStream, Fault> {
    let name = ident(&type_name(name))?;
    let description = text(schema, "description").unwrap_or("A known value, or another.");
    let values = || items(schema, "enum").filter_map(Value::as_str);
    let variants = values().map(|value| ident(&type_name(value)));
    let (variants, values) = (variants.collect::<Result<Vec<_>, _>>()?, values());
    Ok(quote! {
        crate::runtime::open_enum! { #name #description #(#variants = #values,)* }
    })
}
