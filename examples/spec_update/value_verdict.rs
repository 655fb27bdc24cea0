//! What it is for users of this crate that a value is described in another way.

use std::collections::BTreeSet;

use serde_json::Value;

use super::surface::Way;
use super::value::Described;
use super::verdict::{turned, Judged, Verdict};

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
    let same_null = Described {
        nullable: old.nullable,
        ..new.clone()
    };
    let mut judged = values(old, &same_null, way);
    judged.extend(null(old, new, Breaking));
    judged
        .into_iter()
        .map(|(verdict, what)| (verdict, format!("each item {what}")))
        .collect()
}

fn null(old: &Described, new: &Described, verdict: Verdict) -> Option<Judged> {
    let words = ["may be null now", "may no longer be null"];
    turned(old.nullable, new.nullable, verdict, words)
}

fn limits(old: &Described, new: &Described, way: Way) -> Vec<Judged> {
    let keywords: BTreeSet<_> = old.limits.keys().chain(new.limits.keys()).collect();
    let mut judged = Vec::new();
    for keyword in keywords {
        let (old, new) = (old.limits.get(keyword), new.limits.get(keyword));
        let what = match (old, new) {
            (Some(old), Some(new)) if old == new => continue,
            (Some(old), Some(new)) => format!("has {keyword} {new}, and had {old}"),
            (None, Some(new)) => format!("has {keyword} {new} now"),
            (Some(old), None) => format!("no longer has {keyword} {old}"),
            (None, None) => continue,
        };
        let verdict = match way {
            // Answers are read whatever their limits.
            Way::Received => Documentation,
            Way::Sent | Way::Both if is_looser(keyword, old, new) => Additive,
            Way::Sent | Way::Both => Breaking,
        };
        judged.push((verdict, what));
    }
    judged
}

/// Whether all that was allowed still is, as the same type. A number's type depends on its limits, and a
/// text's on whether it has any.
fn is_looser(keyword: &str, old: Option<&Value>, new: Option<&Value>) -> bool {
    let number = |limit: Option<&Value>| limit.and_then(Value::as_u64);
    match (number(old), number(new)) {
        (Some(old), Some(new)) => match keyword {
            "minLength" | "minItems" | "minProperties" => new < old,
            "maxLength" | "maxItems" | "maxProperties" => new > old,
            _ => false,
        },
        _ => false,
    }
}
