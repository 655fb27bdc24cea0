//! What a difference is for users of this crate.
//!
//! What a request may hold and what an answer may hold are judged apart: answers are read generously, so
//! a promise that a server takes back changes no type, while a request's types say what must be given.

use std::fmt;

use serde_json::Value;

use super::surface::{Fact, Place, Surface, Way};
use super::value_verdict::{null, values};

/// What users must do, from nothing to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The API's documentation changed, and no type or request.
    Documentation,
    /// There is more than before; what was written goes on working.
    Additive,
    /// What was written may no longer compile, or do something else.
    Breaking,
}

/// A verdict, and what it is about.
pub type Judged = (Verdict, String);

use Verdict::{Additive, Breaking, Documentation};

/// A fact that is new at `place`, and is not in `old`.
pub fn added(fact: &Fact, place: &Place, old: &Surface) -> Judged {
    let (verdict, what) = match fact {
        Fact::Server => (Documentation, "is new; the facade says where requests go"),
        Fact::Credential => (Additive, "is new; the builder may take it"),
        Fact::EnumValue => (Additive, "is new; it was read as `Other` before"),
        Fact::Operation { .. } | Fact::Type { .. } | Fact::Received { .. } => (Additive, "is new"),
        Fact::Success(_) => (Additive, "is new; it counts as a success"),
        Fact::Error(_) => (
            Documentation,
            "is documented now; errors of any status were read before",
        ),
        Fact::Parameter { .. } => (Breaking, "is new; the method takes one argument more"),
        Fact::Body { .. } => (Breaking, "is new; the method takes it"),
        Fact::Sent { required: true, .. } => {
            (Breaking, "is new and required; each request must have it")
        }
        Fact::Sent { .. } if has_optional(place, old) => (
            Additive,
            "is new and optional; requests have a setter more, and do not send it unless it is set",
        ),
        Fact::Sent { .. } => (
            Breaking,
            "is new and the first that is optional; the type was a literal, and has a constructor now",
        ),
    };
    (verdict, what.to_owned())
}

/// A fact that is gone.
pub fn removed(fact: &Fact, place: &Place, new: &Surface) -> Judged {
    let (verdict, what) = match fact {
        Fact::Operation { method, path } => {
            return match new.others.get(&(method.clone(), path.clone())) {
                Some(id) => (Breaking, format!("is called `{id}` now")),
                None => (Breaking, "is gone from the document".to_owned()),
            }
        }
        Fact::Server => (Breaking, "is gone; the facade says where requests go"),
        Fact::Credential => (Breaking, "is gone; the builder may still offer it"),
        Fact::EnumValue => (
            Breaking,
            "is gone, and with it its variant; answers that have it are read as `Other`",
        ),
        Fact::Success(_) if is_covered(place, new) => {
            (Documentation, "is covered by `success 2XX` now")
        }
        Fact::Success(_) => (Breaking, "is no longer a success"),
        Fact::Error(_) => (
            Documentation,
            "is no longer documented; errors of any status are read",
        ),
        Fact::Type { .. }
        | Fact::Parameter { .. }
        | Fact::Body { .. }
        | Fact::Received { .. }
        | Fact::Sent { .. } => (Breaking, "is gone"),
    };
    (verdict, what.to_owned())
}

/// A fact that is another one now.
pub fn changed(old: &Fact, new: &Fact) -> Vec<Judged> {
    match (old, new) {
        (
            Fact::Operation {
                method: old_method,
                path: old_path,
            },
            Fact::Operation { method, path },
        ) => moved((old_method, old_path), (method, path)),
        (
            Fact::Parameter {
                required: was,
                value: old,
            },
            Fact::Parameter {
                required: is,
                value: new,
            },
        ) => {
            // A parameter has no way to be null.
            let old = old.with_null_of(new);
            all(values(&old, new, Way::Sent), required(*was, *is))
        }
        (
            Fact::Body {
                required: was,
                value: old,
            },
            Fact::Body {
                required: is,
                value: new,
            },
        ) => {
            // It is sent in any case.
            let words = ["is required now", "is optional now; it is always sent"];
            let required = turned(*was, *is, Documentation, words);
            all(values(old, new, Way::Sent), required)
        }
        (
            Fact::Sent {
                required: was,
                value: old,
            },
            Fact::Sent {
                required: is,
                value: new,
            },
        ) => all(values(old, new, Way::Sent), required(*was, *is)),
        (
            Fact::Received {
                promised: was_promised,
                always: was_always,
                value: old,
            },
            Fact::Received {
                promised,
                always,
                value: new,
            },
        ) => {
            let change = if was_always == always {
                let words = [
                    "is promised now",
                    "is no longer promised; it could be missing before",
                ];
                turned(*was_promised, *promised, Documentation, words)
            } else {
                let words = [
                    "is always there now",
                    "may be missing now, and is an `Option`",
                ];
                turned(*was_always, *always, Breaking, words)
            };
            all(values(old, new, Way::Received), change)
        }
        (Fact::Success(Some((old_media, old))), Fact::Success(Some((media, new)))) => {
            let media =
                (old_media != media).then(|| (Breaking, format!("was {old_media} and is {media}")));
            all(values(old, new, Way::Received), media)
        }
        (Fact::Success(old), Fact::Success(new)) => {
            let words = ["has a body now", "has no body now"];
            all(
                Vec::new(),
                turned(old.is_some(), new.is_some(), Breaking, words),
            )
        }
        (Fact::Error(old), Fact::Error(new)) => error(old, new).into_iter().collect(),
        (
            Fact::Type {
                way: old_way,
                value: old,
            },
            Fact::Type { way, value: new },
        ) => {
            // An enum is the same type in both directions, and null a matter of where it stands.
            let is_enum = new.kind == "one of";
            let verdict = if is_enum { Documentation } else { Breaking };
            let mut judged = values(&old.with_null_of(new), new, *way);
            judged.extend(null(old, new, verdict));
            if old_way != way {
                judged.push((verdict, format!("was {old_way} and is {way}")));
            }
            judged
        }
        _ => Vec::new(),
    }
}

fn all(mut judged: Vec<Judged>, one: Option<Judged>) -> Vec<Judged> {
    judged.extend(one);
    judged
}

fn required(was: bool, is: bool) -> Option<Judged> {
    turned(was, is, Breaking, ["is required now", "is optional now"])
}

fn moved(old: (&String, &String), new: (&String, &String)) -> Vec<Judged> {
    if old == new {
        return Vec::new();
    }
    if old.0 == new.0 && without_names(old.1) == without_names(new.1) {
        let what = format!("is {} now; its URLs are the same", new.1);
        return vec![(Documentation, what)];
    }
    let what = format!(
        "was {} {} and is {} {}: mocks, proxies and traces see it",
        old.0, old.1, new.0, new.1
    );
    vec![(Breaking, what)]
}

/// A path with its parameters unnamed.
pub fn without_names(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| match segment.starts_with('{') {
            true => "{}",
            false => segment,
        });
    segments.collect::<Vec<_>>().join("/")
}

fn error(old: &Value, new: &Value) -> Option<Judged> {
    let what = match (old, new) {
        _ if old == new => return None,
        (Value::Null, _) => "has a documented body now; `Error::problem` reads any",
        _ => "has a body of another shape; `Error::problem` reads any",
    };
    Some((Documentation, what.to_owned()))
}

/// Whether the document promises every status of success.
fn is_covered(place: &Place, new: &Surface) -> bool {
    let mut range = place.clone();
    range.pop();
    range.push("success 2XX".to_owned());
    new.entries.contains_key(&range)
}

/// Tells whether the request at `place` has an optional member, and so a constructor: see
/// `build/constructors.rs`.
fn has_optional(place: &Place, surface: &Surface) -> bool {
    let mut of_it = surface
        .entries
        .iter()
        .filter(|(other, _)| other.first() == place.first());
    of_it.any(|(_, entry)| {
        matches!(
            entry.fact,
            Fact::Sent {
                required: false,
                ..
            }
        )
    })
}

/// What to say of something that was so or not, and is not or so now.
pub fn turned(was: bool, is: bool, verdict: Verdict, [now, no_more]: [&str; 2]) -> Option<Judged> {
    let what = if is { now } else { no_more };
    (was != is).then(|| (verdict, what.to_owned()))
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Documentation => "documentation",
            Additive => "additive",
            Breaking => "breaking",
        })
    }
}
