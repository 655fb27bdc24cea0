//! Reads a file that holds an OpenAPI 3.0 document.

use std::fs;
use std::path::Path;

use openapiv3::OpenAPI;
use serde::Deserialize;
use serde_json::Value;

use super::bounds::Bounds;
use super::fault::Fault;

/// Reads a document. The file's extension says whether it is JSON or YAML.
pub fn read(file: &Path) -> Result<Value, Fault> {
    let text = fs::read_to_string(file).map_err(|error| {
        Fault::new(format!("the document cannot be read: {error}"))
            .hint("put an OpenAPI 3.0 document there, in UTF-8")
    })?;
    if text.trim().is_empty() {
        return Err(
            Fault::new("the document is empty").hint("put an OpenAPI 3.0 document there, in UTF-8")
        );
    }
    // RFC 8259, section 8.1: a byte order mark may be ignored.
    let text = text.trim_start_matches('\u{feff}');
    let value = match is_yaml(file) {
        true => parse_yaml(text)?,
        false => parse_json(text)?,
    };
    check_version(&value)?;
    Ok(value)
}

/// Returns the document as the generator knows it.
pub fn openapi(document: &Value) -> Result<OpenAPI, Fault> {
    OpenAPI::deserialize(document).map_err(|error| {
        Fault::new(format!("the document is not valid OpenAPI 3.0: {error}"))
            .hint("correct the document, or take a complete copy of it")
    })
}

/// Tells whether a file of this name holds YAML.
pub fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml")
    })
}

fn parse_json(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map_err(|error| {
        Fault::new(format!("the document is not JSON: {error}"))
            .hint("take a complete copy of it; a YAML document needs the extension .yaml")
    })
}

/// Reads within the bounds, since aliases can stand for much more than is written.
fn parse_yaml(text: &str) -> Result<Value, Fault> {
    let bounds = Bounds::default();
    let read = bounds.read(serde_yaml_ng::Deserializer::from_str(text));
    read.map_err(|error| {
        // In a small document aliases exceed the parser's own bound first.
        if error.to_string() == "repetition limit exceeded" {
            return bounds.too_large();
        }
        let fault = Fault::new(format!("the document is not YAML: {error}"))
            .hint("correct the document; keys such as status codes must be quoted");
        bounds.fault().unwrap_or(fault)
    })
}

fn check_version(document: &Value) -> Result<(), Fault> {
    let hint = "only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    match document.get("openapi").and_then(Value::as_str) {
        Some(version) if version.trim().starts_with("3.0.") => Ok(()),
        Some(version) => {
            Err(Fault::new(format!("the document is OpenAPI {version}, not 3.0")).hint(hint))
        }
        None => match document.get("swagger").and_then(Value::as_str) {
            Some(version) => {
                Err(Fault::new(format!("the document is Swagger {version}")).hint(hint))
            }
            None => Err(Fault::new(
                "the document has no `openapi` version, so it is not an OpenAPI document",
            )
            .hint(hint)),
        },
    }
}
