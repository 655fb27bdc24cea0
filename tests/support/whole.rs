//! A document like the one that PandaDoc publishes, in our own words, and the published one where there is a copy.
//!
//! The document has the operations in use, and hundreds of others. Those describe everything that this crate can't
//! generate: multipart bodies, references into the middle of schemas, circles, several different successes, cookies.

#![allow(dead_code)]

use std::io::{self, Write};
use std::path::PathBuf;
use std::{env, fs};

use serde_json::{json, Map, Value};

const BY_HAND: &str = include_str!("../../specs/pandadoc-webhooks.yaml");
const TOKENS: &str = include_str!("../../specs/pandadoc-oauth.yaml");

/// The variable that names a whole published document of PandaDoc's.
const VARIABLE: &str = "PANDADOC_DOCUMENT";

/// Returns the path of a whole published document. Without one, says that the test is skipped.
pub fn published() -> Option<PathBuf> {
    let file = env::var_os(VARIABLE).filter(|file| !file.is_empty());
    if file.is_none() {
        let thread = std::thread::current();
        let test = thread.name().unwrap_or_default();
        // Written past the capture of output, to be seen though the test passes.
        let said = writeln!(
            io::stderr(),
            "{test} is skipped: set {VARIABLE} to the path of a document that PandaDoc publishes"
        );
        said.unwrap();
    }
    file.map(PathBuf::from)
}

/// Writes our own document to a file of this name, which only one test uses, and returns its path.
pub fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    // A name with a version is taken for an edition of `pandadoc.json`.
    let file = folder.join("pandadoc-9.0.0.json");
    fs::write(&file, document().to_string()).unwrap();
    file
}

/// Returns our own document.
pub fn document() -> Value {
    let mut document = without_all_of();
    say_all_of(&mut document["components"]["schemas"]);
    document
}

/// Returns our own document, where no answer is described by `allOf`.
pub fn without_all_of() -> Value {
    let mut document: Value = serde_yaml_ng::from_str(BY_HAND).unwrap();
    document["servers"] = json!([{"url": "https://api.pandadoc.com"}]);
    document["security"] = json!([{"apiKey": []}, {"oauth2": []}]);
    document["components"]["securitySchemes"] = schemes();
    document["components"]["responses"] = errors();
    let tokens: Value = serde_yaml_ng::from_str(TOKENS).unwrap();
    for part in ["/paths", "/components/schemas"] {
        let added = tokens.pointer(part).unwrap().as_object().unwrap().clone();
        let all = document.pointer_mut(part).unwrap().as_object_mut().unwrap();
        all.extend(added);
    }
    let error = json!({"properties": {"error": {"type": "string"}}});
    document["paths"]["/oauth2/access_token"]["post"]["responses"]["400"] =
        json!({"description": "Rejected.", "content": {"application/json": {"schema": error}}});
    refer_to_errors(&mut document);
    for n in 0..300 {
        add_unrelated(&mut document, n);
    }
    document
}

fn schemes() -> Value {
    let tokens = "https://api.pandadoc.com/oauth2/access_token";
    json!({
        "apiKey": {"type": "apiKey", "name": "Authorization", "in": "header"},
        "oauth2": {"type": "oauth2", "flows": {"authorizationCode": {
            "authorizationUrl": "https://app.pandadoc.com/oauth2/authorize",
            "tokenUrl": tokens, "refreshUrl": tokens, "scopes": {"read+write": "All of it."},
        }}},
    })
}

fn errors() -> Value {
    let text = json!({"type": "string"});
    let any = json!({"type": "object", "additionalProperties": true});
    let links = json!({"type": "array", "items": {"type": "object", "properties": {
        "rel": text, "href": text, "type": text,
    }}});
    let permission = json!({
        "type": text, "detail": {"oneOf": [text, any]}, "info_message": text, "links": links,
    });
    let plain = json!({"type": text, "detail": text});
    let errors = [
        ("400", json!({"type": text, "detail": any})),
        ("401", plain.clone()),
        ("403", permission),
        ("404", plain.clone()),
        ("429", plain),
    ];
    let errors = errors.into_iter().map(|(status, properties)| {
        let schema = json!({"properties": properties});
        let content = json!({"application/json": {"schema": schema}});
        (
            status.to_owned(),
            json!({"description": format!("Error {status}."), "content": content}),
        )
    });
    Value::Object(errors.collect())
}

/// Has every error of the webhook operations be one that all share.
fn refer_to_errors(document: &mut Value) {
    let paths = document["paths"].as_object_mut().unwrap().iter_mut();
    for (_, item) in paths.filter(|(path, _)| path.contains("webhook")) {
        for operation in item.as_object_mut().unwrap().values_mut() {
            for (status, response) in operation
                .get_mut("responses")
                .and_then(Value::as_object_mut)
                .into_iter()
                .flatten()
            {
                if !status.starts_with('2') {
                    *response = json!({"$ref": format!("#/components/responses/{status}")});
                }
            }
        }
    }
}

/// Describes the details of an event as an item of the list and what they have beyond it.
fn say_all_of(schemas: &mut Value) {
    let item = schemas["WebhookEventItemResponse"]["properties"].clone();
    let details = schemas["WebhookEventDetailsResponse"].take();
    let properties = details["properties"].as_object().unwrap().clone();
    let others = properties
        .into_iter()
        .filter(|(name, _)| item.get(name).is_none());
    let others: Map<_, _> = others.collect();
    schemas["WebhookEventDetailsResponse"] = json!({"allOf": [
        {"$ref": "#/components/schemas/WebhookEventItemResponse"},
        {"type": "object", "properties": others},
    ]});
}

/// Adds an operation that is not in use, and that this crate could not generate.
fn add_unrelated(document: &mut Value, n: usize) {
    let thing = format!("Thing{n}");
    let reference = |to: &str| json!({"$ref": format!("#/components/schemas/{to}")});
    let json = |schema: Value| json!({"description": "Done.", "content": {"application/json": {"schema": schema}}});
    let part = json!({"type": "object", "properties": {"it": {"type": "string"}}});
    document["components"]["schemas"][&thing] =
        json!({"type": "object", "properties": {"part": part, "next": reference(&thing)}});
    let upload =
        json!({"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}});
    let (parameters, body, responses) = match n % 6 {
        0 => (
            json!([]),
            Some(json!({"multipart/form-data": {"schema": upload}})),
            json!({"201": json(reference(&thing))}),
        ),
        1 => (
            json!([]),
            None,
            json!({"200": json(reference(&format!("{thing}/properties/part")))}),
        ),
        2 => (
            json!([]),
            None,
            json!({"200": json(reference(&thing)), "202": json(json!({"type": "string"})), "204": {"description": "Nothing."}}),
        ),
        3 => (
            json!([{"name": "session", "in": "cookie", "schema": {"type": "string"}}]),
            None,
            json!({"default": {"$ref": "#/components/responses/Missing"}}),
        ),
        4 => (
            json!([{"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}}]),
            None,
            json!({"200": json(json!({"oneOf": [reference(&thing), reference("Missing")]}))}),
        ),
        _ => (
            json!([]),
            Some(json!({"text/csv": {"schema": {"type": "string"}}})),
            json!({"200": {"description": "A file.", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}, "403": {"$ref": "#/components/responses/403"}}),
        ),
    };
    let mut operation = json!({
        "operationId": format!("doThing{n}"), "parameters": parameters, "responses": responses,
    });
    if let Some(content) = body {
        operation["requestBody"] = json!({"content": content});
    }
    document["paths"][format!("/public/v1/things-{n}")] = json!({"post": operation});
}
