//! The steps, in order, that make of a document one that the generator reads right.

use serde_json::Value;

use super::checks::{check_names, check_operations};
use super::fault::Fault;
use super::read::openapi;
use super::select::select;
use super::transform::{compose, directions, names, nulls, open_enums, secrets};

/// Prepares a document for generation of these operations, as part of `module`.
pub fn prepare(document: &Value, operations: &[&str], module: &str) -> Result<Value, Fault> {
    let mut document = describe(document, operations)?;
    nulls::move_nulls(&mut document)?;
    directions::tell_directions_apart(&mut document)?;
    open_enums::open_enums(&mut document, module)?;
    check_names(&document)?;
    Ok(document)
}

/// Returns what the document says of these operations, each type by a name of its own.
pub fn describe(document: &Value, operations: &[&str]) -> Result<Value, Fault> {
    let cut = select(document, operations)?;
    // Before it is parsed: the parser drops a path without a leading `/` in silence.
    check_operations(&cut)?;
    // Written again, the document has every part in the form that the later steps know.
    let mut document = serde_json::to_value(openapi(&cut)?)
        .map_err(|error| Fault::new(format!("the document cannot be written: {error}")))?;
    compose::compose(&mut document)?;
    secrets::mark_secrets(&mut document)?;
    names::name_inline_schemas(&mut document)?;
    Ok(document)
}
