//! Names the consequences of a difference for users.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The consequence for users, from none to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The API's documentation changed, and no type or request.
    Documentation,
    /// Something was added. Existing code goes on working.
    Additive,
    /// Existing code may not compile any more, or may do something else.
    Breaking,
}

/// A verdict, and what it is about.
pub type Judged = (Verdict, String);

/// Returns every key of two maps.
pub fn both<'a, K: Ord, V>(old: &'a BTreeMap<K, V>, new: &'a BTreeMap<K, V>) -> BTreeSet<&'a K> {
    old.keys().chain(new.keys()).collect()
}

/// Judges a property that turned on or off.
pub fn turned(was: bool, is: bool, verdict: Verdict, [on, off]: [&str; 2]) -> Option<Judged> {
    let what = if is { on } else { off };
    (was != is).then(|| (verdict, what.to_owned()))
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Documentation => "documentation",
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        })
    }
}
