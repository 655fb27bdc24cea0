//! What one surface has and another has not, and what that is for users of this crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::surface::{Fact, Place, Surface};
use super::verdict::{self, Verdict};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub verdict: Verdict,
    pub place: Place,
    pub what: String,
}

/// All differences, in the order of their places.
pub fn changes(old: &Surface, new: &Surface) -> Vec<Change> {
    let places: BTreeSet<&Place> = old.entries.keys().chain(new.entries.keys()).collect();
    let mut changes = Vec::new();
    for place in places {
        // Of what is new or gone as a whole, the parts are not worth a line each.
        let in_both =
            |whole: &[String]| old.entries.contains_key(whole) == new.entries.contains_key(whole);
        if place.split_last().is_some_and(|(_, whole)| !in_both(whole)) {
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
    changes.extend(other_words(old, new));
    changes
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
        write!(
            f,
            "{:<14} {}: {}",
            self.verdict,
            self.place.join(", "),
            self.what
        )
    }
}
