//! What one surface has and another has not, and what that is for users of this crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::printable::printable;
use super::surface::{Fact, Place, Surface};
use super::verdict::{self, both, Verdict};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub verdict: Verdict,
    pub place: Place,
    pub what: String,
}

impl Change {
    /// Whether it is about something that types and methods are generated from. Errors and credentials are not.
    pub fn is_about_source(&self) -> bool {
        let part = self.place.get(1).map(String::as_str).unwrap_or_default();
        !part.starts_with("error ") && part != "credentials"
    }
}

/// All differences, in the order of their places.
pub fn changes(old: &Surface, new: &Surface) -> Vec<Change> {
    let mut changes = Vec::new();
    for place in both(&old.entries, &new.entries) {
        // Of what is new or gone as a whole, the parts are not worth a line each.
        let in_both =
            |whole: &[String]| old.entries.contains_key(whole) == new.entries.contains_key(whole);
        if place.split_last().is_some_and(|(_, whole)| !in_both(whole)) {
            continue;
        }
        // The document's own line says it for each operation that has no list of its own.
        if old.is_inherited(place) && new.is_inherited(place) {
            continue;
        }
        let judged = match (old.entries.get(place), new.entries.get(place)) {
            (Some(old), Some(new)) => verdict::changed(&old.fact, &new.fact),
            (None, Some(added)) => vec![verdict::added(&added.fact, place, old)],
            (Some(removed), None) => vec![verdict::removed(&removed.fact, place, new)],
            (None, None) => Vec::new(),
        };
        changes.extend(judged.into_iter().map(|(verdict, what)| Change {
            verdict,
            place: place.clone(),
            what,
        }));
    }
    changes.extend(neighbours(old, new));
    changes.extend(unspoken(old, new, &changes));
    changes.extend(other_words(old, new));
    changes
}

/// What is described otherwise in a way that no line speaks of.
fn unspoken(old: &Surface, new: &Surface, changes: &[Change]) -> Vec<Change> {
    let spoken_of: BTreeSet<_> = changes
        .iter()
        .filter(|change| change.is_about_source())
        .filter_map(|change| change.place.first())
        .collect();
    let wholes = old
        .wholes
        .iter()
        .filter(|(whole, _)| !spoken_of.contains(whole));
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

/// The first place at which two values differ, as a JSON pointer.
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

/// What is described in other words: a line for each whole, however many of its parts it is.
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

/// Operations that are new beside those in use: worth knowing, though nothing is generated of them.
fn neighbours(old: &Surface, new: &Surface) -> Vec<Change> {
    let families: BTreeSet<&str> = old
        .entries
        .values()
        .filter_map(|entry| match &entry.fact {
            Fact::Operation { path, .. } => path.split("/{").next(),
            _ => None,
        })
        .collect();
    let renamed = |at: &(String, String)| {
        old.entries.values().any(|entry| {
            matches!(&entry.fact, Fact::Operation { method, path } if (method, path) == (&at.0, &at.1))
        })
    };
    new.others
        .iter()
        .filter(|(at, _)| !old.others.contains_key(*at) && !renamed(at))
        .filter(|((_, path), _)| families.iter().any(|family| path.starts_with(family)))
        .map(|((method, path), id)| Change {
            verdict: Verdict::Documentation,
            place: vec![format!("operation {id}")],
            what: format!("{method} {path} is new; build/documents.rs lists what is generated"),
        })
        .collect()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}: {}", self.place.join(", "), self.what);
        write!(f, "{:<14} {}", self.verdict, printable(&line))
    }
}
