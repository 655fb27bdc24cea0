//! A file to an OpenAPI 3.0 document.

use std::fs;
use std::path::Path;

use openapiv3::OpenAPI;
use serde_json::Value;

use super::bounds::Bounds;
use super::fault::Fault;

/// Reads a document. The file's extension says whether it is JSON or YAML.
pub fn read(file: &Path) -> Result<OpenAPI, Fault> {
    let text = fs::read_to_string(file).map_err(|error| {
        Fault::new(format!("the document cannot be read: {error}"))
            .mend("put an OpenAPI 3.0 document there, in UTF-8")
    })?;
    if text.trim().is_empty() {
        return Err(
            Fault::new("the document is empty").mend("put an OpenAPI 3.0 document there, in UTF-8")
        );
    }
    // RFC 8259, section 8.1: a byte order mark may be ignored.
    let text = text.trim_start_matches('\u{feff}');
    let bounds = Bounds::default();
    let value = match is_yaml(file) {
        true => parse_yaml(text, &bounds),
        false => parse_json(text, &bounds),
    };
    let value = value.map_err(|fault| bounds.fault().unwrap_or(fault))?;
    check_version(&value)?;
    check_paths(&value)?;
    serde_json::from_value(value).map_err(|error| {
        Fault::new(format!("the document is not valid OpenAPI 3.0: {error}"))
            .mend("correct the document, or take a complete copy of it")
    })
}

/// Whether a file of this name is taken for YAML.
pub fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml")
    })
}

fn parse_json(text: &str, bounds: &Bounds) -> Result<Value, Fault> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = bounds.read(&mut json);
    let read = read.and_then(|value| json.end().map(|()| value));
    read.map_err(|error| {
        Fault::new(format!("the document is not JSON: {error}"))
            .mend("take a complete copy of it; a YAML document needs the extension .yaml")
    })
}

fn parse_yaml(text: &str, bounds: &Bounds) -> Result<Value, Fault> {
    let yaml = serde_yaml_ng::Deserializer::from_str(text);
    bounds.read(yaml).map_err(|error| {
        // In a small document aliases exceed the parser's own bound first.
        if error.to_string() == "repetition limit exceeded" {
            return bounds.too_large();
        }
        Fault::new(format!("the document is not YAML: {error}"))
            .mend("correct the document; keys such as status codes must be quoted")
    })
}

/// Refuses paths without a leading `/`, which the parser would drop in silence.
fn check_paths(document: &Value) -> Result<(), Fault> {
    let paths = document.get("paths").and_then(Value::as_object);
    let mut names = paths.into_iter().flat_map(|paths| paths.keys());
    match names.find(|name| !name.starts_with('/') && !name.starts_with("x-")) {
        None => Ok(()),
        Some(path) => Err(
            Fault::new(format!("the path `{path}` does not begin with `/`"))
                .mend("write it as it follows the URL of the server"),
        ),
    }
}

fn check_version(document: &Value) -> Result<(), Fault> {
    let mend = "only OpenAPI 3.0 documents can be used: convert it, or take the 3.0 edition";
    match document.get("openapi").and_then(Value::as_str) {
        Some(version) if version.trim().starts_with("3.0.") => Ok(()),
        Some(version) => {
            Err(Fault::new(format!("the document is OpenAPI {version}, not 3.0")).mend(mend))
        }
        None => match document.get("swagger").and_then(Value::as_str) {
            Some(version) => {
                Err(Fault::new(format!("the document is Swagger {version}")).mend(mend))
            }
            None => Err(Fault::new(
                "the document has no `openapi` version, so it is not an OpenAPI document",
            )
            .mend(mend)),
        },
    }
}
