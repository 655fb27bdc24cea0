//! A prepared document to the source of its client.

use openapiv3::{OpenAPI, SchemaKind, Type};
use proc_macro2::TokenStream;
use progenitor::{CrateVers, GenerationSettings, Generator, HooksMode, InterfaceStyle, TypePatch};
use schemars::schema::{InstanceType, SchemaObject, StringValidation};
use syn::File;

use super::constructors::open;
use super::fault::Fault;
use super::keep::keep_operations;
use super::secrets::SIGNING_SECRET_MIN_LENGTH;
use super::silently::silently;
use super::source::check_names;

/// What the features of this build ask for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Derive `schemars::JsonSchema` on every type.
    pub json_schema: bool,
}

/// Runs the generator.
pub fn generate(prepared: &OpenAPI, options: &Options) -> Result<File, Fault> {
    check_own_components(prepared)?;
    let tokens = attempt(prepared, options).map_err(|problem| {
        let fault = Fault::new(format!("the generator refuses the document: {problem}"))
            .mend("simplify what it names, or prepare it in a pass of build/");
        match culprit(prepared, options) {
            Some(id) => fault.in_operation(&id),
            None => fault,
        }
    })?;
    let client = syn::parse2(tokens).map_err(|error| {
        Fault::new(format!(
            "what the generator makes of it does not parse: {error}"
        ))
        .mend("simplify the document, or prepare it in a pass of build/")
    })?;
    check_names(&client)?;
    Ok(client)
}

/// The first operation that fails by itself.
fn culprit(prepared: &OpenAPI, options: &Options) -> Option<String> {
    let ids = prepared
        .operations()
        .filter_map(|(_, _, operation)| operation.operation_id.clone());
    ids.into_iter().find(|id| {
        let mut alone = prepared.clone();
        keep_operations(&mut alone, &[id]).is_ok() && attempt(&alone, options).is_err()
    })
}

/// The generator reports some of what it cannot do as errors and panics about the rest.
fn attempt(prepared: &OpenAPI, options: &Options) -> Result<TokenStream, String> {
    let settings = settings(prepared, options)?;
    match silently(|| Generator::new(&settings).generate_tokens(prepared)) {
        Ok(Ok(tokens)) => Ok(tokens),
        Ok(Err(error)) => Err(error.to_string()),
        Err(message) => Err(format!("it panicked with \"{message}\"")),
    }
}

fn settings(prepared: &OpenAPI, options: &Options) -> Result<GenerationSettings, String> {
    let connection = "crate::runtime::ClientState"
        .parse()
        .map_err(|error| format!("the path of the runtime does not parse: {error}"))?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(connection)
        .with_crate("webhook-subscriptions", CrateVers::Any, None)
        .with_crate("std", CrateVers::Any, None);
    for (schema, rust_type) in own_types() {
        settings.with_conversion(schema, rust_type, [].into_iter());
    }
    for (component, _, rust_type) in OWN_COMPONENTS {
        settings.with_replacement(component, rust_type, [].into_iter());
    }
    for open in open(prepared) {
        let patch = TypePatch::default().with_attr("#[non_exhaustive]").clone();
        settings.with_patch(open.name, &patch);
    }
    if options.json_schema {
        settings.with_derive("schemars::JsonSchema");
    }
    Ok(settings)
}

/// Component schemas that become a type of this crate, by their name and the pattern that the type
/// checks: its errors say more than generated ones, and no engine for regular expressions comes along.
pub const OWN_COMPONENTS: [(&str, &str, &str); 1] = [(
    "SubscriptionId",
    "^[A-Za-z0-9_-]{20}$",
    "crate::ratepay::types::SubscriptionId",
)];

fn check_own_components(prepared: &OpenAPI) -> Result<(), Fault> {
    for (name, checked, rust_type) in OWN_COMPONENTS {
        let schemas = prepared
            .components
            .iter()
            .flat_map(|components| &components.schemas);
        let pattern = schemas.filter(|(key, _)| *key == name).map(|(_, schema)| {
            match schema.as_item().map(|schema| &schema.schema_kind) {
                Some(SchemaKind::Type(Type::String(string))) => string.pattern.as_deref(),
                _ => None,
            }
        });
        if pattern.into_iter().any(|pattern| pattern != Some(checked)) {
            return Err(Fault::new(format!(
                "it becomes {rust_type}, which checks the pattern {checked} and no other"
            ))
            .in_schema(name)
            .mend("give it that pattern, or change that type and build/generate.rs"));
        }
    }
    Ok(())
}

/// Schemas that become a type of this crate, by their exact shape.
fn own_types() -> [(SchemaObject, &'static str); 3] {
    [
        (string("password", None), "crate::Secret"),
        (
            string("password", Some(SIGNING_SECRET_MIN_LENGTH)),
            "crate::ratepay::SigningSecret",
        ),
        (string("url", None), "crate::WebhookUrl"),
    ]
}

fn string(format: &str, min_length: Option<usize>) -> SchemaObject {
    SchemaObject {
        instance_type: Some(InstanceType::String.into()),
        format: Some(format.to_owned()),
        string: min_length.map(|length| {
            Box::new(StringValidation {
                min_length: u32::try_from(length).ok(),
                ..Default::default()
            })
        }),
        ..Default::default()
    }
}
