//! Reads a file that holds an OpenAPI 3.0 document.

use std::fs;
use std::path::Path;

use openapiv3::OpenAPI;
use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;
use super::schema::text;

/// Reads a document. The file's extension says whether it is JSON or YAML.
pub fn read(file: &Path) -> Result<Value, Fault> {
    let source = fs::read_to_string(file).map_err(|error| {
        Fault::new(format!("the document cannot be read: {error}"))
            .hint("put an OpenAPI 3.0 document there, in UTF-8")
    })?;
    // RFC 8259, section 8.1: a byte order mark may be ignored.
    let source = source.trim_start_matches('\u{feff}');
    let document: Value = match is_yaml(file) {
        true => serde_yaml_ng::from_str(source).map_err(|error| {
            Fault::new(format!("the document is not YAML: {error}"))
                .hint("correct the document; keys such as status codes must be quoted")
        })?,
        false => serde_json::from_str(source).map_err(|error| {
            Fault::new(format!("the document is not JSON: {error}"))
                .hint("take a complete copy of it; a YAML document needs the extension .yaml")
        })?,
    };
    let version = text(&document, "openapi").or(text(&document, "swagger"));
    match version {
        Some(version) if version.starts_with("3.0.") => Ok(document),
        _ => Err(Fault::new(format!(
            "the document is OpenAPI {}, not 3.0",
            version.unwrap_or("of no version")
        ))
        .hint("only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition")),
    }
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
