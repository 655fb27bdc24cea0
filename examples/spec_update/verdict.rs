//! What a difference is for users of this crate.
//!
//! What a request may hold and what an answer may hold are judged apart: answers are read generously, so
//! a promise that a server takes back changes no type, while a request's types say what must be given.

use std::fmt;

use serde_json::Value;

use super::surface::{Fact, Surface, Way};
use super::value_verdict::values;

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

/// A fact that is new at `place`.
pub fn added(fact: &Fact, place: &[String], new: &Surface) -> Judged {
    let (verdict, what) = match fact {
        Fact::Server => (Breaking, "is new; the facade says where requests go"),
        Fact::Credential => (Additive, "is new; the builder may take it"),
        Fact::EnumValue => (Additive, "is new; it was read as `Other` before"),
        Fact::Operation { .. } | Fact::Type { .. } => (Additive, "is new"),
        Fact::Success(_) => (Additive, "is new; it counts as a success"),
        Fact::Received { .. } => (Additive, "is new"),
        Fact::Error(_) => (
            Documentation,
            "is documented now; errors of any status were read before",
        ),
        Fact::Sent { .. } if is_part(place, "body ") => (Breaking, "is new; the method takes it"),
        Fact::Sent { .. } if !is_part(place, "member ") => {
            (Breaking, "is new; the method takes one argument more")
        }
        Fact::Sent { required: true, .. } => {
            (Breaking, "is new and required; each request must have it")
        }
        Fact::Sent { .. } if has_default(place, new) => (
            Additive,
            "is new and optional; a literal that ends in `..Default::default()` goes on compiling",
        ),
        Fact::Sent { .. } => (
            Breaking,
            "is new and optional; the type has no default, so literals of it must name the member",
        ),
    };
    (verdict, what.to_owned())
}

/// A fact that is gone.
pub fn removed(fact: &Fact, new: &Surface) -> Judged {
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
        Fact::Type { .. } => (Breaking, "is gone"),
        Fact::Received { .. } | Fact::Sent { .. } => (Breaking, "is gone"),
        Fact::Success(_) => (Documentation, "is no longer documented"),
        Fact::Error(_) => (
            Documentation,
            "is no longer documented; errors of any status are read",
        ),
    };
    (verdict, what.to_owned())
}

/// A fact that is another one now.
pub fn changed(old: &Fact, new: &Fact) -> Vec<Judged> {
    match (old, new) {
        (
            Fact::Operation { method: old_method, path: old_path },
            Fact::Operation { method, path },
        ) if (old_method, old_path) != (method, path) => vec![(
            Breaking,
            format!("was {old_method} {old_path} and is {method} {path}: mocks, proxies and traces see it"),
        )],
        (
            Fact::Sent { required: was_required, value: old },
            Fact::Sent { required, value: new },
        ) => {
            let mut judged = values(old, new, Way::Sent);
            judged.extend(turned(*was_required, *required, Breaking, ["is required now", "is optional now"]));
            judged
        }
        (
            Fact::Received { required: was_required, always: was_always, value: old },
            Fact::Received { required, always, value: new },
        ) => {
            let mut judged = values(old, new, Way::Received);
            judged.extend(turned(*was_always, *always, Breaking, ["is always there now", "may be missing now, and is an `Option`"]));
            if was_always == always {
                judged.extend(turned(*was_required, *required, Documentation, ["is promised now", "is no longer promised; it could be missing before"]));
            }
            judged
        }
        (Fact::Success(Some((old_media, old))), Fact::Success(Some((media, new)))) => {
            let mut judged = values(old, new, Way::Received);
            if old_media != media {
                judged.push((Breaking, format!("was {old_media} and is {media}")));
            }
            judged
        }
        (Fact::Success(None), Fact::Success(Some(_))) => vec![(Breaking, "has a body now".to_owned())],
        (Fact::Success(Some(_)), Fact::Success(None)) => vec![(Breaking, "has no body now".to_owned())],
        (Fact::Error(Value::Null), Fact::Error(new)) if !new.is_null() => vec![(
            Documentation,
            "has a documented body now; `Error::problem` reads any".to_owned(),
        )],
        (Fact::Error(old), Fact::Error(new)) if old != new => vec![(
            Documentation,
            "has a body of another shape; `Error::problem` reads any".to_owned(),
        )],
        (Fact::Type { way: old_way, value: old }, Fact::Type { way, value: new }) => {
            let mut judged = values(old, new, *way);
            if old_way != way {
                // An enum is the same type in both directions.
                let verdict = if new.kind == "one of" { Documentation } else { Breaking };
                judged.push((verdict, format!("was {old_way} and is {way}")));
            }
            judged
        }
        _ => Vec::new(),
    }
}

fn is_part(place: &[String], kind: &str) -> bool {
    place.last().is_some_and(|part| part.starts_with(kind))
}

/// Whether the type at `place` has a default: it has if none of its members is required.
fn has_default(place: &[String], new: &Surface) -> bool {
    !new.entries.iter().any(|(other, entry)| {
        other.first() == place.first() && matches!(entry.fact, Fact::Sent { required: true, .. })
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
