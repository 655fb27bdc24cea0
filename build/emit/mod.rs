//! Writes the source of a client: what progenitor makes of the document, and what it does not.

pub mod constructors;
pub mod generate;
pub mod methods;
pub mod mocks;
pub mod silently;
pub mod source;
pub mod templates;

use quote::quote;
use serde_json::Value;

use super::fault::Fault;
use super::select::Documented;
use super::transform::open_enums;
use generate::Options;

/// Writes the source of a client that is part of `module`.
pub fn source(
    prepared: &Value,
    errors: &Documented,
    module: &str,
    options: &Options,
) -> Result<String, Fault> {
    let mut client = generate::generate(prepared, options)?;
    source::check_names(&client)?;
    methods::rewrite(prepared, &mut client)?;
    constructors::add_constructors(prepared, &mut client)?;
    source::check_names(&client)?;
    let templates = templates::templates(prepared);
    let open_enums = open_enums::source(prepared)?;
    let mocks = mocks::mocks(prepared, errors, &client)?;
    let whole = source::without_doctests(quote!(#templates #open_enums #mocks #client));
    let mut whole = syn::parse2(whole).map_err(|error| {
        Fault::new(format!("what the build adds does not parse: {error}"))
            .hint("correct build/emit/")
    })?;
    methods::add_examples(&mut whole, module);
    silently::silently(|| prettyplease::unparse(&whole)).map_err(|message| {
        Fault::new(format!("the source cannot be formatted: {message}"))
            .hint("simplify the document, or correct build/emit/")
    })
}
