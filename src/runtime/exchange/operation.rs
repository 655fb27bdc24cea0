//! The operation that a request belongs to, and the rules of its provider.

use std::time::Duration;

use http::{HeaderMap, Method};

/// The table that the build writes beside each client: the name of each method, and its path.
pub(crate) type Templates = &'static [(&'static str, &'static str)];

/// The rules that only one provider has. Each facade has one constant of this type, with sources.
#[derive(Debug)]
pub(crate) struct Quirks {
    /// Operations that may be retried after a lost response although their method isn't idempotent.
    pub(crate) idempotent: &'static [&'static str],
    /// Operations other than GET that only read. They are retried when a success is lost on its way back.
    pub(crate) reads: &'static [&'static str],
    /// Tells from its headers and body whether a 404 is the provider's own. A gateway that knows no such path
    /// also answers 404.
    pub(crate) is_own_not_found: fn(&HeaderMap, &[u8]) -> bool,
    /// Tells from its message whether a 400 rejects the credential.
    pub(crate) rejects_credential: fn(&str) -> bool,
    /// Reads from its message how long a 429 without `Retry-After` asks to wait.
    pub(crate) wait_in_message: fn(&str) -> Option<Duration>,
}

/// The facts about an operation that decide what its errors mean and what may be retried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    /// The id in snake case, which is the method of the client.
    pub(crate) id: &'static str,
    /// The path, with parameters in braces.
    pub(crate) template: &'static str,
    /// Whether sending it twice changes nothing more (RFC 9110, section 9.2.2).
    pub(crate) idempotent: bool,
    /// Whether it only reads (RFC 9110, section 9.2.1, and [`Quirks::reads`]).
    pub(crate) reads: bool,
    /// Whether it deletes what it names. A resource that is already gone then counts as deleted.
    pub(crate) removes: bool,
    pub(crate) quirks: &'static Quirks,
}

impl Operation {
    pub(crate) fn new(
        id: &'static str,
        method: &Method,
        templates: Templates,
        quirks: &'static Quirks,
    ) -> Self {
        let entry = templates.iter().find(|(operation, _)| *operation == id);
        let (_, template) = entry.copied().unwrap_or((id, ""));
        let reads = method.is_safe() || quirks.reads.contains(&id);
        Self {
            id,
            template,
            idempotent: reads || method.is_idempotent() || quirks.idempotent.contains(&id),
            reads,
            removes: method == Method::DELETE,
            quirks,
        }
    }
}
