//! What a difference is for users of this crate.
//!
//! What a request may hold and what an answer may hold are judged apart: answers are read generously, so
//! a promise that a server takes back changes no type, while a request's types say what must be given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::steps::emit::methods::ARGUMENTS;
use super::surface::{Fact, Place, Surface, Way};
use super::value_verdict::{null, null_anywhere, values};

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
        Fact::Scheme(_) | Fact::Flow | Fact::Url(_) => (Additive, "is new"),
        Fact::Scope => (Documentation, "is offered now; clients ask for no scope"),
        // Every surface has those of the document, and each operation has its own.
        Fact::Credentials(_) => (Breaking, "are described now"),
        Fact::ByHand { file, .. } => {
            return (
                Documentation,
                format!("is in this document now; its client is generated from {file}, so compare them"),
            )
        }
        Fact::EnumValue => (Additive, "is new; it was read as `Other` before"),
        Fact::Operation { .. } | Fact::Type { .. } | Fact::Received { .. } => (Additive, "is new"),
        Fact::Success(_) => (Additive, "is new; it counts as a success"),
        Fact::Error(_) if is_mocked(place) => (
            Additive,
            "is documented now; its mock can reply with it, and errors of any status were read before",
        ),
        Fact::Error(_) => (
            Documentation,
            "is documented now; errors of any status were read before",
        ),
        Fact::Parameter { required: false, .. } if takes_a_request(place, old) => (
            Additive,
            "is new and optional; the request has a setter more, and does not send it unless it is set",
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
            let is_it = |at: &(String, String)| {
                at.0 == *method && without_names(&at.1) == without_names(path)
            };
            return match new.others.iter().find(|(at, _)| is_it(at)) {
                Some((_, id)) => (Breaking, format!("is called `{id}` now")),
                None => (Breaking, "is gone from the document".to_owned()),
            };
        }
        Fact::Server => (Breaking, "is gone; the facade says where requests go"),
        Fact::Credentials(_) => (Breaking, "are no longer described"),
        Fact::Scheme(_) | Fact::Flow | Fact::Url(_) => (Breaking, "is gone"),
        Fact::Scope => (Breaking, "is no longer offered; asking for it may fail"),
        Fact::ByHand { file, .. } => {
            return (
                Breaking,
                format!("is gone from this document; its client is generated from {file}, so compare them"),
            )
        }
        Fact::EnumValue => (
            Breaking,
            "is gone, and with it its variant; answers that have it are read as `Other`",
        ),
        Fact::Success(_) if is_covered(place, new) => {
            (Documentation, "is covered by `success 2XX` now")
        }
        Fact::Success(_) => (Breaking, "is no longer a success"),
        Fact::Error(_) if is_mocked(place) => (
            Breaking,
            "is no longer documented, so its mock can't reply with it; errors of any status are read",
        ),
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
            let null = null_anywhere(old, new);
            let mut judged = values(&old.without_null(), &new.without_null(), Way::Sent);
            judged.extend(null);
            all(judged, required(*was, *is))
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
        (Fact::Credentials(old), Fact::Credentials(new)) => old.compared(new),
        (Fact::Scheme(old), Fact::Scheme(new)) | (Fact::Url(old), Fact::Url(new)) => {
            let what = (old != new).then(|| (Breaking, format!("was {old} and is {new}")));
            what.into_iter().collect()
        }
        (
            Fact::ByHand {
                method: old_method,
                path: old_path,
                shape: old_shape,
                ..
            },
            Fact::ByHand {
                method,
                path,
                shape,
                file,
            },
        ) => {
            let what = format!("takes or answers something else; its client is generated from {file}, so compare them");
            let reshaped = (old_shape != shape).then_some((Documentation, what));
            all(moved((old_method, old_path), (method, path)), reshaped)
        }
        (
            Fact::Type {
                way: old_way,
                value: old,
            },
            Fact::Type { way, value: new },
        ) => {
            // An enum is the same type in both directions. Whether null may stand in its place, or in that of
            // anything sent, each place says.
            let is_enum = new.kind == "one of";
            let verdict = match way {
                Way::Received if !is_enum => Breaking,
                _ => Documentation,
            };
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
    let parts = path.split('{').map(|part| match part.split_once('}') {
        Some((_, rest)) => format!("}}{rest}"),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("{")
}

fn error(old: &Value, new: &Value) -> Option<Judged> {
    let what = match (old, new) {
        _ if old == new => return None,
        (Value::Null, _) => "has a documented body now; `Error::problem` reads any",
        _ => "has a body of another shape; `Error::problem` reads any",
    };
    Some((Documentation, what.to_owned()))
}

/// Whether the mock of the operation can reply with the error: it has those of one status each.
fn is_mocked(place: &Place) -> bool {
    let status = place.last().and_then(|error| error.strip_prefix("error "));
    status.is_some_and(|status| status.parse::<u16>().is_ok_and(|status| status >= 300))
}

/// Every key of two maps.
pub fn both<'a, K: Ord, V>(old: &'a BTreeMap<K, V>, new: &'a BTreeMap<K, V>) -> BTreeSet<&'a K> {
    old.keys().chain(new.keys()).collect()
}

/// Whether the document promises every status of success.
fn is_covered(place: &Place, new: &Surface) -> bool {
    let mut range = place.clone();
    range.pop();
    range.push("success 2XX".to_owned());
    new.entries.contains_key(&range)
}

/// Tells whether the request at `place` has an optional member, and so a constructor: see
/// `build/emit/constructors.rs`.
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

/// Tells whether the method of the operation at `place` takes its arguments as one request: see
/// `build/emit/methods.rs`.
fn takes_a_request(place: &Place, surface: &Surface) -> bool {
    let is_argument = |fact: &Fact| matches!(fact, Fact::Parameter { .. } | Fact::Body { .. });
    let of_it = surface
        .entries
        .iter()
        .filter(|(other, entry)| other.first() == place.first() && is_argument(&entry.fact));
    of_it.count() > ARGUMENTS
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
