//! Everything that a document may ask for compiles, whatever its schemas say.

use crate::document::reference;
use crate::whole;

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::{json, Map, Value};

/// A schema of each kind, by the name of a member. Some refer to components, whose names begin with `of`.
fn kinds(of: &str) -> Map<String, Value> {
    let text = |limits: Value| {
        let mut schema = json!({"type": "string"});
        for (name, limit) in limits.as_object().unwrap() {
            schema[name] = limit.clone();
        }
        schema
    };
    let list = |of: Value, length: u64| json!({"type": "array", "items": of, "minItems": length, "maxItems": length});
    let pattern = || text(json!({"pattern": "^a+$"}));
    let kinds = [
        ("pattern", pattern()),
        ("impossible", text(json!({"minLength": 9, "maxLength": 1}))),
        ("no pattern", text(json!({"pattern": "("}))),
        (
            "nullable",
            text(json!({"pattern": "^a+$", "nullable": true})),
        ),
        ("date", text(json!({"format": "date"}))),
        (
            "time",
            text(json!({"format": "date-time", "nullable": true})),
        ),
        ("uuid", text(json!({"format": "uuid"}))),
        (
            "maybe uuid",
            text(json!({"format": "uuid", "nullable": true})),
        ),
        ("ip", text(json!({"format": "ip"}))),
        ("byte", text(json!({"format": "byte"}))),
        ("binary", text(json!({"format": "binary"}))),
        ("url", text(json!({"format": "url"}))),
        (
            "maybe url",
            text(json!({"format": "url", "nullable": true})),
        ),
        ("unknown", text(json!({"format": "regex"}))),
        ("secret", pattern()),
        ("maybe secret", text(json!({"nullable": true}))),
        ("signing_key", text(json!({"minLength": 64}))),
        ("enum", reference("Kind")),
        (
            "integer",
            json!({"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2}),
        ),
        (
            "int32",
            json!({"type": "integer", "format": "int32", "nullable": true}),
        ),
        (
            "uint64",
            json!({"type": "integer", "format": "uint64", "maximum": u64::MAX}),
        ),
        ("integers", reference(&format!("{of}Integers"))),
        (
            "number",
            json!({"type": "number", "format": "float", "minimum": 0.5}),
        ),
        ("boolean", json!({"type": "boolean", "default": true})),
        (
            "list",
            json!({"type": "array", "items": pattern(), "uniqueItems": true, "minItems": 1}),
        ),
        (
            "maybe list",
            json!({"type": "array", "items": reference("Kind"), "nullable": true}),
        ),
        ("pair", list(text(json!({"format": "date"})), 2)),
        ("long", list(pattern(), 40)),
        ("lists", list(list(pattern(), 0), 0)),
        ("nulls", list(text(json!({"nullable": true})), 1)),
        ("objects", list(reference(&format!("{of}Part")), 1)),
        ("free", json!({"type": "object"})),
        ("object", reference(&format!("{of}Part"))),
        ("fn", json!({"type": "string", "default": "a"})),
        ("1", json!({"type": "string"})),
        ("@", json!({"type": "string"})),
    ];
    let kinds = kinds.into_iter();
    kinds
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

/// PandaDoc's document, with every kind of schema in a request, an answer, the query and a path.
fn document() -> Value {
    let mut document = whole::document();
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    let all: Vec<_> = kinds("Sent").keys().cloned().collect();
    let object = |required: &[String], properties| json!({"type": "object", "required": required, "properties": properties});
    let mut optional = kinds("Sent");
    optional.insert("all".into(), reference("Everything"));
    schemas.insert(
        "Kind".into(),
        json!({"type": "string", "enum": ["a", "b c", "1", "fn"]}),
    );
    for (of, name) in [
        ("Sent", "Everything"),
        ("Received", "WebhookEventDetailsResponse"),
    ] {
        schemas.insert(name.into(), object(&all, kinds(of)));
        let part = json!({"type": {"type": "string", "pattern": "^a"}, "self": {"type": "string"}});
        schemas.insert(
            format!("{of}Part"),
            object(&["type".to_owned()], part.as_object().unwrap().clone()),
        );
        schemas.insert(
            format!("{of}Integers"),
            json!({"type": "integer", "enum": [1, 2]}),
        );
    }
    schemas.insert(
        "WebhookSubscriptionPatchRequest".into(),
        object(&[], optional),
    );
    let mut parameters = Vec::new();
    for (name, schema) in kinds("Sent") {
        let is_list = name == "list" || name == "long" || name == "maybe list";
        let is_scalar =
            !matches!(schema["type"].as_str(), Some("array" | "object")) && name != "object";
        // Keys do not go into a URL.
        let is_key = ["secret", "signing_key", "maybe secret", "@", "1"].contains(&name.as_str());
        if !is_key && (is_list || is_scalar) {
            let name = format!("q-{}", name.replace(' ', "-"));
            let required = name.len() % 2 == 0;
            parameters
                .push(json!({"name": name, "in": "query", "required": required, "schema": schema}));
        }
    }
    document["paths"]["/public/v1/webhook-events"]["get"]["parameters"] = parameters.into();
    let mut id =
        document["paths"]["/public/v1/webhook-events/{id}"]["get"]["parameters"][0].clone();
    id["schema"] = json!({"type": "string", "pattern": "^a+$", "format": "date"});
    document["paths"]["/public/v1/webhook-events/{id}"]["get"]["parameters"] = json!([id]);
    document
}

/// Checks the crate with this document in the target folder of these tests. No other build there has these
/// features, so this one replaces no other.
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
