//! The operation that a request belongs to.

use http::Method;

use super::quirks::Quirks;

/// What `build/templates.rs` writes beside each client: the name of each method, its path, and the statuses
/// at which it has no result though it has one at others.
pub(crate) type Templates = &'static [(&'static str, &'static str, &'static [u16])];

/// What the runtime knows of an operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    /// Its id in snake case: the method of the client.
    pub(super) id: &'static str,
    /// Its path, with parameters in braces.
    pub(super) template: &'static str,
    /// The successes that have no body where others have one. Then the result is an `Option`.
    pub(super) without_body: &'static [u16],
    /// Whether sending it twice changes nothing more (RFC 9110, section 9.2.2).
    pub(super) idempotent: bool,
    /// Whether nothing but its answer is wanted (RFC 9110, section 9.2.1, and what `Quirks` adds).
    pub(super) reads: bool,
    /// Whether it removes what it names, so that what is gone needs no more removing.
    pub(super) removes: bool,
    pub(super) quirks: &'static Quirks,
}

impl Operation {
    pub(super) fn new(
        id: &'static str,
        method: &Method,
        templates: Templates,
        quirks: &'static Quirks,
    ) -> Self {
        let entry = templates.iter().find(|(operation, _, _)| *operation == id);
        let (_, template, without_body) = entry.copied().unwrap_or((id, "", &[]));
        let reads = method.is_safe() || quirks.reads.contains(&id);
        Self {
            id,
            template,
            without_body,
            idempotent: reads || method.is_idempotent() || quirks.idempotent.contains(&id),
            reads,
            removes: method == Method::DELETE,
            quirks,
        }
    }
}
