//! Describes the kind of a value and its limits, and compares two descriptions.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::generator::{is, text};
use super::verdict::Verdict::{Additive, Breaking, Documentation};
use super::verdict::{both, turned, Judged, Verdict};

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
    /// The items of a list, or the values of a map.
    pub items: Option<Box<Described>>,
    pub nullable: bool,
    /// The constraints, by keyword.
    pub limits: BTreeMap<&'static str, Value>,
}

impl Described {
    /// Returns the same, nullable if `other` is.
    pub fn with_null_of(&self, other: &Self) -> Self {
        Self {
            nullable: other.nullable,
            ..self.clone()
        }
    }

    /// Returns the same, with neither the value nor its items nullable.
    pub fn without_null(&self) -> Self {
        Self {
            nullable: false,
            items: self
                .items
                .as_deref()
                .map(|items| Box::new(items.without_null())),
            ..self.clone()
        }
    }

    /// Describes what a schema or a reference to one allows. Without a schema, that is any JSON.
    pub fn by(schema: &Value) -> Self {
        let kind = kind(schema);
        let says_kind = |keyword: &str| match keyword {
            "format" => is_own_kind(&kind),
            // Each text has a line of its own.
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
            items: items_of(&kind, schema).map(|items| Box::new(Self::by(items))),
            kind,
            nullable: is(schema, "nullable"),
            limits,
        }
    }
}

fn kind(schema: &Value) -> String {
    if let Some(reference) = text(schema, "$ref") {
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
    match text(schema, "type") {
        Some("array") => "list".to_owned(),
        Some("object") if items_of("map", schema).is_some() => "map".to_owned(),
        // The generated type is a map of any JSON.
        Some("object") if schema.get("properties").is_none() => "object of any members".to_owned(),
        Some("string") if schema.get("enum").is_some() => "one of".to_owned(),
        Some("string") => match text(schema, "format") {
            Some("password") => "secret".to_owned(),
            Some(format) if is_own_kind(format) => format.to_owned(),
            _ => "string".to_owned(),
        },
        Some(other) => other.to_owned(),
        None => "any".to_owned(),
    }
}

fn items_of<'a>(kind: &str, schema: &'a Value) -> Option<&'a Value> {
    let keyword = match kind {
        "list" => "items",
        "map" => "additionalProperties",
        _ => return None,
    };
    let holds_something = |items: &&Value| items.as_object().is_some_and(|it| !it.is_empty());
    schema.get(keyword).filter(holds_something)
}

/// Tells whether a text of this format has a type of its own.
fn is_own_kind(format: &str) -> bool {
    matches!(format, "uuid" | "secret")
}

/// Names a type that the build puts in the place of a schema.
fn own_type(own: &Value) -> String {
    let name = last(text(own, "path").unwrap_or_default(), "::");
    match own.get("parameters").and_then(Value::as_array) {
        Some(parameters) => format!("{name} of {}", list(parameters)),
        None => name,
    }
}

fn list(schemas: &[Value]) -> String {
    let each = schemas
        .iter()
        .map(|schema| Described::by(schema).to_string());
    each.collect::<Vec<_>>().join(" | ")
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

/// Whether requests, answers or both contain a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Sent,
    Received,
    Both,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Both => "sent and received",
        })
    }
}

/// Returns the differences of a value that is used this way.
pub fn values(old: &Described, new: &Described, way: Way) -> Vec<Judged> {
    if old.kind != new.kind {
        return vec![(Breaking, format!("was {} and is {}", old.kind, new.kind))];
    }
    // Any member of an answer may be missing or null already.
    let nullable = match way {
        Way::Received => Documentation,
        Way::Sent | Way::Both => Breaking,
    };
    let mut judged = limits(old, new, way);
    judged.extend(null(old, new, nullable));
    if let (Some(old), Some(new)) = (&old.items, &new.items) {
        judged.extend(items(old, new, way));
    }
    judged
}

/// Compares the items of a list or a map. Their type says whether they can be null, in requests and in answers.
fn items(old: &Described, new: &Described, way: Way) -> Vec<Judged> {
    let mut judged = values(&old.with_null_of(new), new, way);
    judged.extend(null(old, new, Breaking));
    judged
        .into_iter()
        .map(|(verdict, what)| (verdict, format!("each item {what}")))
        .collect()
}

/// Compares whether the value may be null.
pub fn null(old: &Described, new: &Described, verdict: Verdict) -> Option<Judged> {
    let words = ["may be null now", "may no longer be null"];
    turned(old.nullable, new.nullable, verdict, words)
}

/// Compares whether a value or its items may be null, for a place that can't send null.
pub fn null_anywhere(old: &Described, new: &Described) -> Option<Judged> {
    let is = |value: &Described| *value != value.without_null();
    let words = [
        "may be null now; no null is sent",
        "may no longer be null; none was sent",
    ];
    turned(is(old), is(new), Documentation, words)
}

fn limits(old: &Described, new: &Described, way: Way) -> Vec<Judged> {
    let is_secret = new.kind == "secret";
    let was_array = is_array(old);
    let mut judged = Vec::new();
    for keyword in both(&old.limits, &new.limits) {
        let (old, new) = (old.limits.get(keyword), new.limits.get(keyword));
        let what = match (old, new) {
            (Some(old), Some(new)) if old == new => continue,
            (Some(old), Some(new)) => format!("has {keyword} {new}, and had {old}"),
            (None, Some(new)) => format!("has {keyword} {new} now"),
            (Some(old), None) => format!("no longer has {keyword} {old}"),
            (None, None) => continue,
        };
        let verdict = match way {
            // A secret of 64 characters or more is a type of its own.
            Way::Received if is_secret => Breaking,
            // Other answers are parsed whatever their limits.
            Way::Received => Documentation,
            // Patterns aren't part of a type: the server checks them.
            Way::Sent | Way::Both if *keyword == "pattern" => Documentation,
            Way::Sent | Way::Both if !was_array && is_looser(keyword, old, new) => Additive,
            Way::Sent | Way::Both => Breaking,
        };
        judged.push((verdict, what));
    }
    judged
}

/// Tells whether this is a list of one length. The generated type is an array.
fn is_array(value: &Described) -> bool {
    let limit = |keyword| value.limits.get(keyword);
    limit("minItems").is_some() && limit("minItems") == limit("maxItems")
}

/// Tells whether every allowed value still is, with the same type. The type of a text or a list doesn't depend on its
/// length. The type of a number depends on its limits.
fn is_looser(keyword: &str, old: Option<&Value>, new: Option<&Value>) -> bool {
    match (old, new) {
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            old.iter().all(|value| new.contains(value))
        }
        (Some(Value::Number(old)), Some(Value::Number(new))) => {
            let [old, new] = [old, new].map(|limit| limit.as_f64());
            match keyword {
                "minLength" | "minItems" | "minProperties" => new < old,
                "maxLength" | "maxItems" | "maxProperties" => new > old,
                _ => false,
            }
        }
        _ => false,
    }
}
