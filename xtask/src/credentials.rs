//! Compares how a client authenticates: the schemes that an operation accepts, and what each scheme is.
//!
//! The clients of this crate take the credential that they are given, and request no scope. So the verdict depends on
//! a credential that worked before:
//!
//! | change | verdict |
//! |---|---|
//! | an alternative is gone, or needs a scope more | breaking: the old credential is rejected |
//! | a scheme has another header, HTTP scheme or URL | breaking: the old credential is rejected, or can't be renewed |
//! | an alternative is new | additive: the old ones still work |
//! | a flow is gone | breaking |
//! | a flow is new | additive |
//! | a scope is no longer offered | breaking: the authorization page may reject a request for it |
//! | a scope is new, or an alternative needs fewer | documentation |

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::generator::items;
use super::verdict::Verdict::{Additive, Breaking, Documentation};
use super::verdict::{both, Judged};

/// The schemes of one alternative. A request must satisfy all of them. Without any, it needs no credential.
type Schemes = BTreeSet<String>;

/// The scopes that a credential must have.
type Scopes = BTreeSet<String>;

/// The alternatives, of which a request must satisfy one. Each has the sets of scopes of which one is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials(BTreeMap<Schemes, BTreeSet<Scopes>>);

impl Credentials {
    /// Returns the credentials of an operation: its own list, even an empty one, or the document's.
    pub fn of_operation(operation: &Value, document: &Value) -> Self {
        match operation.get("security") {
            Some(_) => Self::of(operation),
            None => Self::of(document),
        }
    }

    /// Returns the credentials that the document or the operation lists itself.
    pub fn of(part: &Value) -> Self {
        let mut alternatives = BTreeMap::<Schemes, BTreeSet<Scopes>>::new();
        for requirement in items(part, "security").filter_map(Value::as_object) {
            let scopes = requirement.iter().flat_map(|(scheme, scopes)| {
                let scopes = scopes.as_array().into_iter().flatten();
                scopes
                    .filter_map(Value::as_str)
                    .map(move |scope| match requirement.len() {
                        1 => scope.to_owned(),
                        _ => format!("{scope} of {scheme}"),
                    })
            });
            let schemes = requirement.keys().cloned().collect();
            alternatives
                .entry(schemes)
                .or_default()
                .insert(scopes.collect());
        }
        if alternatives.is_empty() {
            alternatives.insert(Schemes::new(), BTreeSet::from([Scopes::new()]));
        }
        Self(alternatives)
    }

    /// Returns the names of all schemes.
    pub fn schemes(&self) -> impl Iterator<Item = &String> {
        self.0.keys().flatten()
    }

    /// Returns the differences of another edition.
    pub fn compared(&self, new: &Self) -> Vec<Judged> {
        let mut judged = Vec::new();
        for schemes in both(&self.0, &new.0) {
            let alternative = alternative(schemes);
            judged.extend(match (self.0.get(schemes), new.0.get(schemes)) {
                (Some(old), Some(new)) => compare_scopes(&alternative, old, new),
                (Some(_), None) => Some((
                    Breaking,
                    format!("{alternative} is no longer accepted; the builder may still offer it"),
                )),
                (None, _) => Some((
                    Additive,
                    format!("{alternative} is accepted now; the builder may take it"),
                )),
            });
        }
        judged
    }
}

fn compare_scopes(
    alternative: &str,
    old: &BTreeSet<Scopes>,
    new: &BTreeSet<Scopes>,
) -> Option<Judged> {
    let is_enough = |had: &Scopes| new.iter().any(|needed| needed.is_subset(had));
    let verdict = match old.iter().all(is_enough) {
        _ if old == new => return None,
        true => Documentation,
        false => Breaking,
    };
    let [needed, needs] = [old, new].map(scopes);
    Some((
        verdict,
        format!("{alternative} needs {needs} now, and needed {needed}"),
    ))
}

fn alternative(schemes: &Schemes) -> String {
    let names: Vec<_> = schemes.iter().map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => "a request without a credential".to_owned(),
        false => names.join(" with "),
    }
}

fn scopes(alternatives: &BTreeSet<Scopes>) -> String {
    let each = alternatives.iter().map(|scopes| {
        let names: Vec<_> = scopes.iter().map(|name| format!("`{name}`")).collect();
        match names.is_empty() {
            true => "no scope".to_owned(),
            false => format!("the scope {}", names.join(" with ")),
        }
    });
    each.collect::<Vec<_>>().join(" or ")
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each =
            self.0.iter().map(
                |(schemes, needed)| match needed.iter().all(BTreeSet::is_empty) {
                    true => alternative(schemes),
                    false => format!("{} with {}", alternative(schemes), scopes(needed)),
                },
            );
        f.write_str(&each.collect::<Vec<_>>().join(", or "))
    }
}
