//! The operation that a request belongs to.

use http::Method;

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
    /// Whether repeating it changes nothing more (RFC 9110, section 9.2.2).
    pub(super) repeatable: bool,
    /// Whether it only reads (RFC 9110, section 9.2.1).
    pub(super) safe: bool,
    /// Whether it removes what it names, so that what is gone needs no more removing.
    pub(super) removes: bool,
}

impl Operation {
    pub(super) fn new(id: &'static str, method: &Method, templates: Templates) -> Self {
        let entry = templates.iter().find(|(operation, _, _)| *operation == id);
        let (_, template, without_body) = entry.copied().unwrap_or((id, "", &[]));
        Self {
            id,
            template,
            without_body,
            repeatable: method.is_idempotent() || HARMLESS.contains(&id),
            safe: method.is_safe(),
            removes: method == Method::DELETE,
        }
    }
}

/// Operations that are not idempotent by their method, and harmless to repeat all the same: a PATCH that
/// names the values to have, and one token more, which does not end another's validity.
const HARMLESS: [&str; 2] = ["update_webhook_subscription", "create_o_auth_token"];
