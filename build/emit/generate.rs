//! Runs progenitor on a prepared document.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

use proc_macro2::TokenStream;
use progenitor::{CrateVers, GenerationSettings, Generator, HooksMode, InterfaceStyle, TypePatch};
use quote::quote;
use serde_json::{json, Value};
use syn::{parse_quote, File};

use super::super::fault::Fault;
use super::super::read::openapi;
use super::super::schema::operations;
use super::constructors::open;

/// The additions that the features of this build ask for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Derive `schemars::JsonSchema` on every type.
    pub json_schema: bool,
}

/// Runs the generator.
pub fn generate(prepared: &Value, options: &Options) -> Result<File, Fault> {
    let tokens = attempt(prepared, options).map_err(|problem| {
        let fault = Fault::new(format!("the generator refuses the document: {problem}"))
            .hint("simplify what it names, or prepare it in build/transform/");
        // The first operation that fails by itself.
        let culprit = operations(prepared).into_iter().find(|found| {
            let mut alone = prepared.clone();
            alone["paths"] = json!({found.path: {found.method: found.operation}});
            attempt(&alone, options).is_err()
        });
        match culprit {
            Some(found) => fault.in_operation(found.id()),
            None => fault,
        }
    })?;
    Ok(parse_quote!(#tokens))
}

/// The generator reports some of what it cannot do as errors and panics about the rest.
fn attempt(prepared: &Value, options: &Options) -> Result<TokenStream, String> {
    let openapi = openapi(prepared).map_err(|fault| fault.to_string())?;
    let mut generator = Generator::new(&settings(prepared, options));
    match catch_unwind(AssertUnwindSafe(|| generator.generate_tokens(&openapi))) {
        Ok(generated) => generated.map_err(|error| error.to_string()),
        Err(panic) => Err(format!("it panicked with \"{}\"", message(&*panic))),
    }
}

/// Returns the message of a panic.
pub fn message(panic: &(dyn Any + Send)) -> &str {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
    message.unwrap_or("no message")
}

fn settings(prepared: &Value, options: &Options) -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::runtime::ClientState))
        .with_crate("webhook-subscriptions", CrateVers::Any, None);
    for open in open(prepared) {
        let patch = TypePatch::default().with_attr("#[non_exhaustive]").clone();
        settings.with_patch(open.name, &patch);
    }
    if options.json_schema {
        settings.with_derive("schemars::JsonSchema");
    }
    settings
}
