//! What one provider says or does and the other doesn't.

use std::time::Duration;

use super::problem::Problem;
use super::response::Response;

/// The provider's own rules, for the runtime to follow. One constant beside each facade, with sources.
#[derive(Debug)]
pub(crate) struct Quirks {
    /// Operations that may be retried after a lost answer although their method isn't idempotent.
    pub(crate) idempotent: &'static [&'static str],
    /// Operations besides GET of which nothing but the answer is wanted. They are retried when a success is
    /// lost on its way back.
    pub(crate) reads: &'static [&'static str],
    /// Whether a 404 is the provider's own, and not that of a gateway that knows no such path.
    pub(crate) is_own_not_found: fn(&Response) -> bool,
    /// Whether a 400 rejects the credential.
    pub(crate) rejects_credential: fn(&Problem) -> bool,
    /// How long a 429 without `Retry-After` asks to wait, in its message.
    pub(crate) wait_in_message: fn(&str) -> Option<Duration>,
}

#[cfg(test)]
impl Quirks {
    /// A provider that does what the RFCs say.
    pub(crate) const NONE: Self = Self {
        idempotent: &[],
        reads: &[],
        is_own_not_found: |_| false,
        rejects_credential: |_| false,
        wait_in_message: |_| None,
    };
}
