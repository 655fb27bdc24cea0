//! What it is for users of this crate that a value is described in another way.

use serde_json::Value;

use super::surface::Way;
use super::value::Described;
use super::verdict::{both, turned, Judged, Verdict};

use Verdict::{Additive, Breaking, Documentation};

/// The differences of a value that goes this way.
pub fn values(old: &Described, new: &Described, way: Way) -> Vec<Judged> {
    if old.kind != new.kind {
        return vec![(Breaking, format!("was {} and is {}", old.kind, new.kind))];
    }
    // Any member of an answer may be missing or null already.
    let nullable = if way == Way::Received {
        Documentation
    } else {
        Breaking
    };
    let mut judged = limits(old, new, way);
    judged.extend(null(old, new, nullable));
    if let (Some(old), Some(new)) = (&old.items, &new.items) {
        judged.extend(items(old, new, way));
    }
    judged
}

/// Of what a list or a map holds, null is told from values in both directions.
fn items(old: &Described, new: &Described, way: Way) -> Vec<Judged> {
    let mut judged = values(&old.with_null_of(new), new, way);
    judged.extend(null(old, new, Breaking));
    judged
        .into_iter()
        .map(|(verdict, what)| (verdict, format!("each item {what}")))
        .collect()
}

/// The difference in whether it may be null.
pub fn null(old: &Described, new: &Described, verdict: Verdict) -> Option<Judged> {
    let words = ["may be null now", "may no longer be null"];
    turned(old.nullable, new.nullable, verdict, words)
}

/// The difference in whether it, or anything that it holds, may be null where no type has a place for null.
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
            // Other answers are read whatever their limits.
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

/// Whether it is a list of one length, of which the generator makes an array.
fn is_array(value: &Described) -> bool {
    let limit = |keyword| value.limits.get(keyword);
    limit("minItems").is_some() && limit("minItems") == limit("maxItems")
}

/// Whether all that was allowed still is, as the same type. The type of a number depends on whether its
/// limits are those of a type of Rust's, and the type of a text on whether it has any.
fn is_looser(keyword: &str, old: Option<&Value>, new: Option<&Value>) -> bool {
    if let (Some(Value::Array(old)), Some(Value::Array(new))) = (old, new) {
        return old.iter().all(|value| new.contains(value));
    }
    if keyword == "format" {
        return new.is_none() && old.is_some_and(|format| !makes_a_type(format));
    }
    let number = |limit: Option<&Value>| limit.and_then(Value::as_i64);
    let (Some(old), Some(new)) = (number(old), number(new)) else {
        return false;
    };
    match keyword {
        "minLength" | "minItems" | "minProperties" => new < old,
        "maxLength" | "maxItems" | "maxProperties" => new > old,
        "minimum" => new < old && ![old, new].into_iter().any(|limit| (0..=1).contains(&limit)),
        "maximum" => new > old && ![old, new].into_iter().any(is_bound),
        _ => false,
    }
}

/// Formats of which the generator, or this crate, makes a type.
fn makes_a_type(format: &Value) -> bool {
    let format = format.as_str().unwrap_or_default();
    !matches!(format, "date" | "date-time" | "email" | "hostname" | "uri")
}

/// Whether an integer type ends here.
fn is_bound(limit: i64) -> bool {
    limit
        .checked_add(1)
        .is_none_or(|next| next > 0 && next.count_ones() == 1)
}
