//! Lists the differences of two surfaces, and what each means for users of this crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::fact::{Fact, Place};
use super::judge::{added, changed, removed};
use super::printable;
use super::surface::{Surface, CREDENTIALS};
use super::verdict::{both, Verdict};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub verdict: Verdict,
    pub place: Place,
    pub what: String,
}

impl Change {
    /// Tells whether it is about a part of the document that types and methods are generated from. Errors and credentials
    /// aren't.
    pub fn is_about_source(&self) -> bool {
        let part = self.place.get(1).map(String::as_str).unwrap_or_default();
        !part.starts_with("error ") && part != CREDENTIALS
    }
}

/// Returns all differences, sorted by place.
pub fn changes(old: &Surface, new: &Surface) -> Vec<Change> {
    let mut changes = Vec::new();
    for place in both(&old.entries, &new.entries) {
        // A whole that is new or gone has one line, and its parts have none.
        let in_both =
            |whole: &[String]| old.entries.contains_key(whole) == new.entries.contains_key(whole);
        if place.split_last().is_some_and(|(_, whole)| !in_both(whole)) {
            continue;
        }
        // The document's line covers each operation that has no list of its own.
        if old.is_inherited(place) && new.is_inherited(place) {
            continue;
        }
        let judged = match (old.entries.get(place), new.entries.get(place)) {
            (Some(old), Some(new)) => changed(&old.fact, &new.fact),
            (None, Some(new_entry)) => vec![added(&new_entry.fact, place, old)],
            (Some(old_entry), None) => vec![removed(&old_entry.fact, place, new)],
            (None, None) => Vec::new(),
        };
        changes.extend(judged.into_iter().map(|(verdict, what)| Change {
            verdict,
            place: place.clone(),
            what,
        }));
    }
    changes.extend(neighbours(old, new));
    changes.extend(uncovered(old, new, &changes));
    changes.extend(other_words(old, new));
    changes
}

/// Returns the differences that no line covers.
fn uncovered(old: &Surface, new: &Surface, changes: &[Change]) -> Vec<Change> {
    let covered: BTreeSet<_> = changes
        .iter()
        .filter(|change| change.is_about_source())
        .filter_map(|change| change.place.first())
        .collect();
    let wholes = old
        .wholes
        .iter()
        .filter(|(whole, _)| !covered.contains(whole));
    wholes
        .filter_map(|(whole, old)| {
            let at = difference(old, new.wholes.get(whole)?)?;
            Some(Change {
                verdict: Verdict::Documentation,
                place: vec![whole.clone()],
                what: format!("differs at {at}; this tool has no verdict on that, so look at it"),
            })
        })
        .collect()
}

/// Returns the first place at which two values differ, as a JSON pointer.
fn difference(old: &Value, new: &Value) -> Option<String> {
    let step = |step: &str, old: Option<&Value>, new: Option<&Value>| match (old, new) {
        (Some(old), Some(new)) => Some(format!("/{step}{}", difference(old, new)?)),
        _ => Some(format!("/{step}")),
    };
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
            let mut names = names.into_iter();
            names.find_map(|name| {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                step(&escaped, old.get(name), new.get(name))
            })
        }
        (Value::Array(old), Value::Array(new)) => {
            (0..old.len().max(new.len())).find_map(|n| step(&n.to_string(), old.get(n), new.get(n)))
        }
        _ => (old != new).then(String::new),
    }
}

/// Returns one line for each operation or type that is described in other words, however many of its parts changed.
fn other_words(old: &Surface, new: &Surface) -> Vec<Change> {
    let mut parts = BTreeMap::<&String, Vec<&str>>::new();
    for (place, entry) in &new.entries {
        let before = old.entries.get(place);
        if let (Some(whole), true) = (
            place.first(),
            before.is_some_and(|before| before.prose != entry.prose),
        ) {
            let part = place.get(1).map_or("itself", String::as_str);
            parts.entry(whole).or_default().push(part);
        }
    }
    parts
        .into_iter()
        .map(|(whole, parts)| Change {
            verdict: Verdict::Documentation,
            place: vec![whole.clone()],
            what: format!("is described in other words ({})", parts.join(", ")),
        })
        .collect()
}

/// Returns the operations that are new beside those in use. Nothing is generated from them, but maintainers may want to
/// add them.
fn neighbours(old: &Surface, new: &Surface) -> Vec<Change> {
    let in_use: Vec<_> = old
        .entries
        .values()
        .filter_map(|entry| match &entry.fact {
            Fact::Operation(endpoint) => Some(endpoint),
            _ => None,
        })
        .collect();
    let is_beside = |path: &str| {
        let mut families = in_use
            .iter()
            .filter_map(|endpoint| endpoint.path.split("/{").next());
        families.any(|family| path.starts_with(family))
    };
    let others = new.others.iter().filter(|(endpoint, _)| {
        is_beside(&endpoint.path)
            && !old.others.contains_key(*endpoint)
            && !in_use.contains(endpoint)
    });
    others
        .map(|(endpoint, id)| Change {
            verdict: Verdict::Documentation,
            place: vec![format!("operation {id}")],
            what: format!("{endpoint} is new; build/documents.rs lists what is generated"),
        })
        .collect()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}: {}", self.place.join(", "), self.what);
        write!(f, "{:<14} {}", self.verdict, printable(&line))
    }
}
