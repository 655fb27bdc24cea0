//! What a document may ask for compiles, whatever its schemas say.

use crate::whole;

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::{json, Map, Value};

/// A schema of each kind, by the name of a member. Some refer to the component `part`.
fn kinds(part: &str) -> Map<String, Value> {
    let text = |limits: Value| {
        let mut schema = json!({"type": "string"});
        for (name, limit) in limits.as_object().unwrap() {
            schema[name] = limit.clone();
        }
        schema
    };
    let list = |of: Value, length: u64| json!({"type": "array", "items": of, "minItems": length, "maxItems": length});
    let pattern = || text(json!({"pattern": "^a+$"}));
    let part = format!("#/components/schemas/{part}");
    let kinds = [
        ("pattern", pattern()),
        (
            "pattern and limits",
            text(json!({"pattern": "^a+$", "minLength": 1, "maxLength": 9})),
        ),
        ("impossible", text(json!({"minLength": 9, "maxLength": 1}))),
        ("no pattern", text(json!({"pattern": "("}))),
        (
            "nullable",
            text(json!({"pattern": "^a+$", "nullable": true})),
        ),
        (
            "untyped",
            json!({"pattern": "^a+$", "format": "date-time", "minLength": 1}),
        ),
        (
            "odd",
            json!({"type": "string", "pattern": "^a+$", "minimum": 1}),
        ),
        ("anything", json!({})),
        ("date", text(json!({"format": "date"}))),
        (
            "time",
            text(json!({"format": "date-time", "nullable": true})),
        ),
        ("uuid", text(json!({"format": "uuid"}))),
        ("ip", text(json!({"format": "ip"}))),
        ("ipv4", text(json!({"format": "ipv4"}))),
        ("ipv6", text(json!({"format": "ipv6"}))),
        ("byte", text(json!({"format": "byte"}))),
        ("binary", text(json!({"format": "binary"}))),
        ("url", text(json!({"format": "url"}))),
        ("unknown", text(json!({"format": "regex"}))),
        ("secret", pattern()),
        ("signing_key", text(json!({"minLength": 64}))),
        ("enum", text(json!({"enum": ["a", "b c", "1", "fn"]}))),
        (
            "integer",
            json!({"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2}),
        ),
        ("int32", json!({"type": "integer", "format": "int32"})),
        (
            "uint64",
            json!({"type": "integer", "format": "uint64", "maximum": u64::MAX}),
        ),
        ("integers", json!({"type": "integer", "enum": [1, 2]})),
        (
            "number",
            json!({"type": "number", "format": "float", "minimum": 0.5}),
        ),
        ("boolean", json!({"type": "boolean", "default": true})),
        ("numbers", json!({"type": "number", "enum": [0.5, 1.5]})),
        ("yes", json!({"type": "boolean", "enum": [true]})),
        (
            "null",
            json!({"type": "string", "enum": ["a", null], "nullable": true}),
        ),
        (
            "list",
            json!({"type": "array", "items": pattern(), "uniqueItems": true, "minItems": 1}),
        ),
        ("pair", list(text(json!({"format": "date"})), 2)),
        ("long", list(pattern(), 40)),
        (
            "lists",
            json!({"type": "array", "items": {"type": "array", "items": pattern()}}),
        ),
        ("no list", list(json!({"type": "integer"}), 0)),
        (
            "map",
            json!({"type": "object", "additionalProperties": pattern()}),
        ),
        ("free", json!({"type": "object"})),
        (
            "object",
            json!({"type": "object", "required": ["type"], "properties": {"type": pattern(), "self": {"type": "string"}}}),
        ),
        (
            "open",
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "integer"}}),
        ),
        (
            "composed",
            json!({"allOf": [{"$ref": part}, {"type": "object", "properties": {"own": pattern()}}]}),
        ),
        (
            "beside",
            json!({"allOf": [{"$ref": part}], "nullable": true}),
        ),
        ("fn", json!({"type": "string", "default": "a"})),
        ("1", json!({"type": "string"})),
        ("@", json!({"type": "string"})),
    ];
    let kinds = kinds.into_iter();
    kinds
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

/// PandaDoc's document, with every kind of schema in a request, an answer, the query, headers and a path.
fn document() -> Value {
    let mut document = whole::document();
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    let all: Vec<_> = kinds("SentPart").keys().cloned().collect();
    let mut received = kinds("Part");
    received.insert("alternative".into(), json!({"type": "string"}));
    let mut optional = kinds("SentPart");
    let either = json!({"oneOf": [{"type": "integer"}, {"$ref": "#/components/schemas/SentPart"}]});
    optional.insert("alternative".into(), either);
    let some = json!({"anyOf": [{"$ref": "#/components/schemas/SentPart"}, {"type": "object", "properties": {"x": {"type": "string"}}}]});
    optional.insert("some".into(), some);
    let object = |required: Vec<String>, properties| json!({"type": "object", "required": required, "properties": properties});
    for part in ["Part", "SentPart"] {
        let schema =
            json!({"type": "object", "properties": {"part": {"type": "string", "pattern": "^a"}}});
        schemas.insert(part.to_owned(), schema);
    }
    schemas.insert("Everything".into(), object(all.clone(), kinds("SentPart")));
    optional.insert(
        "all".into(),
        json!({"$ref": "#/components/schemas/Everything"}),
    );
    schemas.insert(
        "WebhookSubscriptionPatchRequest".into(),
        object(Vec::new(), optional),
    );
    schemas.insert("WebhookEventDetailsResponse".into(), object(all, received));
    let parameter = |name: String, place: &str, required: bool, schema: &Value| json!({"name": name, "in": place, "required": required, "schema": schema});
    let is_scalar =
        |schema: &Value| !matches!(schema["type"].as_str(), None | Some("array" | "object"));
    let mut parameters = Vec::new();
    for (name, schema) in kinds("SentPart") {
        let is_list = name == "list" || name == "long";
        // Keys do not go into a URL or a header.
        if ["secret", "signing_key", "@", "1"].contains(&name.as_str())
            || !is_scalar(&schema) && !is_list
        {
            continue;
        }
        let plain = name.replace(' ', "-");
        parameters.push(parameter(
            format!("q-{plain}"),
            "query",
            name.len() % 2 == 0,
            &schema,
        ));
        if !is_list {
            parameters.push(parameter(
                format!("X-{plain}"),
                "header",
                name.len() % 2 == 0,
                &schema,
            ));
        }
    }
    document["paths"]["/public/v1/webhook-events"]["get"]["parameters"] = parameters.into();
    let mut id =
        document["paths"]["/public/v1/webhook-events/{id}"]["get"]["parameters"][0].clone();
    id["schema"] = json!({"type": "string", "pattern": "^a+$", "format": "date"});
    document["paths"]["/public/v1/webhook-events/{id}"]["get"]["parameters"] = json!([id]);
    document
}

/// Checks the crate with this document in the target folder of these tests, under features that nothing else is
/// built with, so that what is built besides stays as it is.
fn check(document: &Value) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("every-kind.json");
    fs::write(&file, document.to_string()).unwrap();
    let checked = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args([
            "check",
            "--lib",
            "--offline",
            "--no-default-features",
            "--features",
            "schemars",
        ])
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.parent().unwrap())
        .env("WEBHOOK_SUBSCRIPTIONS_PANDADOC_SPEC", &file)
        .output()
        .unwrap();
    match checked.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&checked.stderr).into_owned()),
    }
}

#[test]
fn schemas_of_every_kind_compile_wherever_they_stand() {
    let checked = check(&document());
    assert!(checked.is_ok(), "{}", checked.unwrap_err());
}
