//! What kind of value a schema describes, and within which limits.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// The keywords of JSON Schema that limit a value of a type.
const LIMITS: [&str; 15] = [
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

/// A kind of value, and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// A named type, a type of JSON, or something made of these.
    pub kind: String,
    /// Of a list or a map: what it holds.
    pub items: Option<Box<Described>>,
    pub nullable: bool,
    /// The constraints, by keyword.
    pub limits: BTreeMap<&'static str, Value>,
}

impl Described {
    /// What a schema or a reference to one describes; without any, that is any JSON.
    pub fn by<S: Serialize>(schema: &S) -> Self {
        Self::by_json(&serde_json::to_value(schema).unwrap_or_default())
    }

    /// The same, as much null as `other`.
    pub fn with_null_of(&self, other: &Self) -> Self {
        Self {
            nullable: other.nullable,
            ..self.clone()
        }
    }

    /// The same, as if neither it nor what it holds could be null.
    pub fn without_null(&self) -> Self {
        Self {
            nullable: false,
            items: self
                .items
                .as_ref()
                .map(|items| Box::new(items.without_null())),
            ..self.clone()
        }
    }

    fn by_json(schema: &Value) -> Self {
        let kind = kind(schema);
        let says_kind = |keyword: &str| match keyword {
            "format" => is_own_kind(&kind),
            // Texts have a line each.
            "enum" => kind == "one of",
            _ => false,
        };
        let limits = LIMITS
            .into_iter()
            .filter(|keyword| !says_kind(keyword))
            .filter_map(|keyword| Some((keyword, schema.get(keyword)?.clone())))
            .filter(|(_, limit)| *limit != Value::Bool(false))
            .collect();
        Self {
            items: items(&kind, schema).map(|items| Box::new(Self::by_json(items))),
            kind,
            nullable: schema.get("nullable") == Some(&Value::Bool(true)),
            limits,
        }
    }
}

fn kind(schema: &Value) -> String {
    let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
    if let Some(reference) = text("$ref") {
        return last(reference, "/");
    }
    if let Some(own) = schema.get("x-rust-type") {
        return own_type(own);
    }
    for combined in ["oneOf", "anyOf", "allOf"] {
        if let Some(schemas) = schema.get(combined).and_then(Value::as_array) {
            return format!("{combined} {}", list(schemas));
        }
    }
    match text("type") {
        Some("array") => "list".to_owned(),
        Some("object") if items("map", schema).is_some() => "map".to_owned(),
        // The generator makes a map of any JSON of it.
        Some("object") if schema.get("properties").is_none() => "object of any members".to_owned(),
        Some("string") if schema.get("enum").is_some() => "one of".to_owned(),
        Some("string") => match text("format") {
            Some("password") => "secret".to_owned(),
            Some(format) if is_own_kind(format) => format.to_owned(),
            _ => "string".to_owned(),
        },
        Some(other) => other.to_owned(),
        None => "any".to_owned(),
    }
}

fn items<'a>(kind: &str, schema: &'a Value) -> Option<&'a Value> {
    let keyword = match kind {
        "list" => "items",
        "map" => "additionalProperties",
        _ => return None,
    };
    let holds_something = |items: &&Value| items.as_object().is_some_and(|it| !it.is_empty());
    schema.get(keyword).filter(holds_something)
}

/// Formats that make another type of a text.
fn is_own_kind(format: &str) -> bool {
    matches!(format, "uuid" | "secret")
}

/// A type that the build puts in the place of a schema.
fn own_type(own: &Value) -> String {
    let path = own.get("path").and_then(Value::as_str).unwrap_or_default();
    let name = last(path, "::");
    match own.get("parameters").and_then(Value::as_array) {
        Some(parameters) => format!("{name} of {}", list(parameters)),
        None => name,
    }
}

fn list(schemas: &[Value]) -> String {
    let each: Vec<_> = schemas
        .iter()
        .map(|schema| Described::by_json(schema).to_string())
        .collect();
    each.join(" | ")
}

fn last(text: &str, separator: &str) -> String {
    text.rsplit(separator).next().unwrap_or_default().to_owned()
}

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if let Some(items) = &self.items {
            write!(f, " of ({items})")?;
        }
        if self.nullable {
            f.write_str(" or null")?;
        }
        for (keyword, limit) in &self.limits {
            write!(f, ", {keyword} {limit}")?;
        }
        Ok(())
    }
}
