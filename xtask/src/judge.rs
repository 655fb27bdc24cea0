//! Decides what a difference means for users of this crate.
//!
//! Requests and answers are judged apart. Answers are parsed leniently, so a type doesn't change when the server takes
//! back a promise. The type of a request says what users must provide.

use serde_json::Value;

use super::fact::{ByHand, Endpoint, Fact, Place, Received, Sent};
use super::generator::ARGUMENTS;
use super::surface::Surface;
use super::value::{null, null_anywhere, values, Way};
use super::verdict::Verdict::{Additive, Breaking, Documentation};
use super::verdict::{turned, Judged};

/// Judges a fact that is new at `place`. The surface `old` doesn't have it.
pub fn added(fact: &Fact, place: &Place, old: &Surface) -> Judged {
    let (verdict, what) = match fact {
        Fact::ByHand(ByHand { file, .. }) => {
            let what = format!("is in this document now; its client is generated from {file}, so compare them");
            return (Documentation, what);
        }
        Fact::Server => (Documentation, "is new; the facade decides where requests go"),
        Fact::Scope => (Documentation, "is offered now; clients request no scope"),
        // Every document has these, and so has every operation.
        Fact::Credentials(_) => (Breaking, "are described now"),
        Fact::Scheme(_)
        | Fact::Flow
        | Fact::Url(_)
        | Fact::Operation(_)
        | Fact::Type(..)
        | Fact::Received(_) => (Additive, "is new"),
        Fact::EnumValue => (Additive, "is new; it was read as `Other` before"),
        Fact::Success(_) => (Additive, "is new; it counts as a success"),
        Fact::Error(_) if is_mocked(place) => (
            Additive,
            "is documented now; its mock can reply with it, and errors of any status were read before",
        ),
        Fact::Error(_) => (Documentation, "is documented now; errors of any status were read before"),
        Fact::Parameter(Sent { required: false, .. }) if arguments(place, old) > ARGUMENTS => (
            Additive,
            "is new and optional; the request struct has a setter more",
        ),
        Fact::Parameter(_) => (Breaking, "is new; the method takes one argument more"),
        Fact::Body(_) => (Breaking, "is new; the method takes it"),
        Fact::Sent(Sent { required: true, .. }) => {
            (Breaking, "is new and required; each request must have it")
        }
        Fact::Sent(_) if has_optional(place, old) => (
            Additive,
            "is new and optional; requests have a setter more, and don't send it unless it is set",
        ),
        Fact::Sent(_) => (
            Breaking,
            "is new and the first that is optional; the type was a literal, and has a constructor now",
        ),
    };
    (verdict, what.to_owned())
}

/// Judges a fact that is gone. The surface `new` doesn't have it.
pub fn removed(fact: &Fact, place: &Place, new: &Surface) -> Judged {
    let (verdict, what) = match fact {
        Fact::Operation(old) => {
            let mut others = new.others.iter();
            let what = match others.find(|(other, _)| has_same_urls(other, old)) {
                Some((_, id)) => format!("is called `{id}` now"),
                None => "is gone from the document".to_owned(),
            };
            return (Breaking, what);
        }
        Fact::ByHand(ByHand { file, .. }) => {
            let what = format!("is gone from this document; its client is generated from {file}, so compare them");
            return (Breaking, what);
        }
        Fact::Server => (Breaking, "is gone; the facade decides where requests go"),
        Fact::Credentials(_) => (Breaking, "are no longer described"),
        Fact::Scope => (Breaking, "is no longer offered; requesting it may fail"),
        Fact::EnumValue => (
            Breaking,
            "is gone, and so is its variant; answers with it are read as `Other`",
        ),
        Fact::Success(_) => (Breaking, "is no longer a success"),
        Fact::Error(_) if is_mocked(place) => (
            Breaking,
            "is no longer documented, so its mock can't reply with it; errors of any status are read",
        ),
        Fact::Error(_) => (Documentation, "is no longer documented; errors of any status are read"),
        Fact::Scheme(_)
        | Fact::Flow
        | Fact::Url(_)
        | Fact::Type(..)
        | Fact::Parameter(_)
        | Fact::Body(_)
        | Fact::Received(_)
        | Fact::Sent(_) => (Breaking, "is gone"),
    };
    (verdict, what.to_owned())
}

/// Judges a fact that is another one now.
pub fn changed(old: &Fact, new: &Fact) -> Vec<Judged> {
    match (old, new) {
        (Fact::Operation(old), Fact::Operation(new)) => moved(old, new).into_iter().collect(),
        (Fact::Parameter(old), Fact::Parameter(new)) => {
            // A parameter can't be null.
            let values = values(
                &old.value.without_null(),
                &new.value.without_null(),
                Way::Sent,
            );
            let null = null_anywhere(&old.value, &new.value);
            all(values, [null, required(old, new)])
        }
        (Fact::Body(old), Fact::Body(new)) => {
            let words = ["is required now", "is optional now; it is always sent"];
            let required = turned(old.required, new.required, Documentation, words);
            all(values(&old.value, &new.value, Way::Sent), [required])
        }
        (Fact::Sent(old), Fact::Sent(new)) => {
            let values = values(&old.value, &new.value, Way::Sent);
            all(values, [required(old, new)])
        }
        (Fact::Received(old), Fact::Received(new)) => {
            let values = values(&old.value, &new.value, Way::Received);
            all(values, [promise(old, new)])
        }
        (Fact::Success(Some((old_media, old))), Fact::Success(Some((media, new)))) => {
            let media = was(old_media, media);
            all(values(old, new, Way::Received), [media])
        }
        (Fact::Success(old), Fact::Success(new)) => {
            let words = ["has a body now", "has no body now"];
            let body = turned(old.is_some(), new.is_some(), Breaking, words);
            body.into_iter().collect()
        }
        (Fact::Error(old), Fact::Error(new)) => {
            let what = match old {
                Value::Null => "has a documented body now; `Error::problem` reads any",
                _ => "has a body of another shape; `Error::problem` reads any",
            };
            let judged = (old != new).then(|| (Documentation, what.to_owned()));
            judged.into_iter().collect()
        }
        (Fact::Credentials(old), Fact::Credentials(new)) => old.compared(new),
        (Fact::Scheme(old), Fact::Scheme(new)) | (Fact::Url(old), Fact::Url(new)) => {
            was(old, new).into_iter().collect()
        }
        (Fact::ByHand(old), Fact::ByHand(new)) => {
            let file = &new.file;
            let what = format!("takes or answers something else; its client is generated from {file}, so compare them");
            let reshaped = (old.shape != new.shape).then_some((Documentation, what));
            all(Vec::new(), [moved(&old.endpoint, &new.endpoint), reshaped])
        }
        (Fact::Type(old_way, old), Fact::Type(way, new)) => {
            // An enum is the same type in requests and in answers. For an enum, and for any request, each place says
            // whether it may be null.
            let is_enum = new.kind == "one of";
            let verdict = match way {
                Way::Received if !is_enum => Breaking,
                _ => Documentation,
            };
            let what = format!("was {old_way} and is {way}");
            let turned = (old_way != way).then_some((verdict, what));
            let values = values(&old.with_null_of(new), new, *way);
            all(values, [null(old, new, verdict), turned])
        }
        _ => Vec::new(),
    }
}

fn all<const N: usize>(mut judged: Vec<Judged>, more: [Option<Judged>; N]) -> Vec<Judged> {
    judged.extend(more.into_iter().flatten());
    judged
}

fn was(old: &str, new: &str) -> Option<Judged> {
    (old != new).then(|| (Breaking, format!("was {old} and is {new}")))
}

fn required(old: &Sent, new: &Sent) -> Option<Judged> {
    let words = ["is required now", "is optional now"];
    turned(old.required, new.required, Breaking, words)
}

fn promise(old: &Received, new: &Received) -> Option<Judged> {
    if old.always == new.always {
        let off = "is no longer promised; it could be missing before";
        return turned(
            old.promised,
            new.promised,
            Documentation,
            ["is promised now", off],
        );
    }
    let off = "may be missing now, and is an `Option`";
    turned(
        old.always,
        new.always,
        Breaking,
        ["is always present now", off],
    )
}

fn moved(old: &Endpoint, new: &Endpoint) -> Option<Judged> {
    if old == new {
        return None;
    }
    Some(match has_same_urls(old, new) {
        true => (
            Documentation,
            format!("is {} now; its URLs are the same", new.path),
        ),
        false => (
            Breaking,
            format!("was {old} and is {new}: mocks, proxies and traces see it"),
        ),
    })
}

/// Tells whether two endpoints differ only in the names of the parameters in their paths.
pub fn has_same_urls(one: &Endpoint, other: &Endpoint) -> bool {
    let without_names = |endpoint: &Endpoint| {
        let parts = endpoint.path.split('{');
        let parts = parts.map(|part| {
            part.split_once('}')
                .map_or(part, |(_, rest)| rest)
                .to_owned()
        });
        parts.collect::<Vec<_>>()
    };
    one.method == other.method && without_names(one) == without_names(other)
}

/// Tells whether the mock of the operation can reply with the error. A mock has the errors of one status each.
fn is_mocked(place: &Place) -> bool {
    let status = place.last().and_then(|error| error.strip_prefix("error "));
    status.is_some_and(|status| status.parse::<u16>().is_ok_and(|status| status >= 300))
}

/// Returns the facts about the parts of the operation or type at `place`.
fn siblings<'a>(place: &'a Place, surface: &'a Surface) -> impl Iterator<Item = &'a Fact> {
    let entries = surface.entries.iter();
    let of_it = entries.filter(|(other, _)| other.first() == place.first());
    of_it.map(|(_, entry)| &entry.fact)
}

/// Counts the arguments of the operation at `place`.
fn arguments(place: &Place, surface: &Surface) -> usize {
    siblings(place, surface)
        .filter(|fact| matches!(fact, Fact::Parameter(_) | Fact::Body(_)))
        .count()
}

/// Tells whether the request at `place` has an optional member, and so a constructor.
fn has_optional(place: &Place, surface: &Surface) -> bool {
    let is_optional = |fact: &Fact| matches!(fact, Fact::Sent(sent) if !sent.required);
    siblings(place, surface).any(is_optional)
}
