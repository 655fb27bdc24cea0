//! Writes the source of a client: what progenitor makes of the document, and what it does not.

pub mod constructors;
pub mod conversions;
pub mod generate;
pub mod methods;
pub mod mocks;
pub mod source;

use quote::quote;
use serde_json::Value;
use syn::{parse_quote, File};

use super::fault::Fault;
use super::transform::own_types::open_enums;
use generate::Options;

/// The sources that are generated from a document.
#[derive(Debug, PartialEq)]
pub struct Sources {
    pub client: String,
    /// The mocks of its operations, for the feature `testing`.
    pub mocks: String,
}

/// Writes the sources for a client that is part of `module`.
pub fn sources(prepared: &Value, module: &str, options: &Options) -> Result<Sources, Fault> {
    let client = client(prepared, options)?;
    let templates = mocks::templates(prepared);
    let open_enums = open_enums(prepared)?;
    let mocks = mocks::mocks(prepared, &client)?;
    let client = source::without_doctests(quote!(#templates #open_enums #client));
    let mut client: File = parse_quote!(#client);
    methods::add_sections(&mut client, module);
    Ok(Sources {
        client: prettyplease::unparse(&client),
        mocks: prettyplease::unparse(&parse_quote!(#mocks)),
    })
}

/// Returns what progenitor makes of the document, in the form that users see.
pub fn client(prepared: &Value, options: &Options) -> Result<File, Fault> {
    let mut client = generate::generate(prepared, options)?;
    methods::rewrite(prepared, &mut client)?;
    methods::name_document(prepared, &mut client);
    conversions::name_values(prepared, &mut client);
    constructors::add_constructors(prepared, &mut client)?;
    Ok(client)
}
