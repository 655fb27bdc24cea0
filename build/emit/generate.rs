//! Runs progenitor on a prepared document.

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{CrateVers, GenerationSettings, Generator, HooksMode, InterfaceStyle, TypePatch};
use schemars::schema::{InstanceType, SchemaObject, StringValidation};
use serde_json::{Map, Value};
use syn::File;

use super::super::fault::Fault;
use super::super::read::openapi;
use super::super::schema::{components, operations, text};
use super::super::transform::secrets::SIGNING_SECRET_MIN_LENGTH;
use super::constructors::open;
use super::silently::silently;

/// What the features of this build ask for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Derive `schemars::JsonSchema` on every type.
    pub json_schema: bool,
}

/// Runs the generator.
pub fn generate(prepared: &Value, options: &Options) -> Result<File, Fault> {
    check_own_components(prepared)?;
    let tokens = attempt(prepared, options).map_err(|problem| {
        let fault = Fault::new(format!("the generator refuses the document: {problem}"))
            .hint("simplify what it names, or prepare it in build/transform/");
        match culprit(prepared, options) {
            Some(id) => fault.in_operation(&id),
            None => fault,
        }
    })?;
    syn::parse2(tokens).map_err(|error| {
        Fault::new(format!(
            "what the generator makes of it does not parse: {error}"
        ))
        .hint("simplify the document, or prepare it in build/transform/")
    })
}

/// Returns the first operation that fails by itself.
fn culprit(prepared: &Value, options: &Options) -> Option<String> {
    let mut operations = operations(prepared).into_iter();
    let culprit = operations.find(|found| {
        let operation = Map::from_iter([(found.method.to_owned(), found.operation.clone())]);
        let path = Map::from_iter([(found.path.to_owned(), operation.into())]);
        let mut alone = prepared.clone();
        alone["paths"] = path.into();
        attempt(&alone, options).is_err()
    });
    culprit.map(|found| found.id().to_owned())
}

/// The generator reports some of what it cannot do as errors and panics about the rest.
fn attempt(prepared: &Value, options: &Options) -> Result<TokenStream, String> {
    let settings = settings(prepared, options)?;
    let openapi: OpenAPI = openapi(prepared).map_err(|fault| fault.to_string())?;
    match silently(|| Generator::new(&settings).generate_tokens(&openapi)) {
        Ok(Ok(tokens)) => Ok(tokens),
        Ok(Err(error)) => Err(error.to_string()),
        Err(message) => Err(format!("it panicked with \"{message}\"")),
    }
}

fn settings(prepared: &Value, options: &Options) -> Result<GenerationSettings, String> {
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

fn check_own_components(prepared: &Value) -> Result<(), Fault> {
    let components = components(prepared);
    for (name, checked, rust_type) in OWN_COMPONENTS {
        let pattern = components.get(name).map(|schema| text(schema, "pattern"));
        if pattern.is_some_and(|pattern| pattern != Some(checked)) {
            return Err(Fault::new(format!(
                "it becomes {rust_type}, which checks the pattern {checked} and no other"
            ))
            .in_schema(name)
            .hint("give it that pattern, or change that type and build/emit/generate.rs"));
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
