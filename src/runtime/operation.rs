//! The operation that a request belongs to.

use http::Method;

/// What `build/templates.rs` writes beside each client.
pub(crate) type Templates = &'static [(&'static str, &'static str)];

/// What the runtime knows of an operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    /// Its id in snake case: the method of the client.
    pub(super) id: &'static str,
    /// Its path, with parameters in braces.
    pub(super) template: &'static str,
    /// Whether repeating it changes nothing more (RFC 9110, section 9.2.2).
    pub(super) repeatable: bool,
    /// Whether it only reads (RFC 9110, section 9.2.1).
    pub(super) safe: bool,
    /// Whether it removes what it names, so that what is gone needs no more removing.
    pub(super) removes: bool,
}

impl Operation {
    pub(super) fn new(id: &'static str, method: &Method, templates: Templates) -> Self {
        let template = templates.iter().find(|(operation, _)| *operation == id);
        Self {
            id,
            template: template.map_or("", |(_, template)| template),
            repeatable: method.is_idempotent() || HARMLESS.contains(&id),
            safe: method.is_safe(),
            removes: method == Method::DELETE,
        }
    }
}

/// Operations that are not idempotent by their method, and harmless to repeat all the same: a PATCH that
/// names the values to have, and one token more, which does not end another's validity.
const HARMLESS: [&str; 2] = ["update_webhook_subscription", "create_o_auth_token"];
