//! The hook for signatures that no key of a ring made.

use super::refusal::Refusal;
use super::ring::Verified;
use super::scheme::{Scheme, Signature};
use crate::auth::BoxFuture;

/// Decides about deliveries that no key of the ring verifies.
pub(crate) trait Resolver<S: Scheme>: Send + Sync + 'static {
    /// Returns the key that verifies this delivery after all, or the refusal with which to answer it.
    fn resolve<'a>(
        &'a self,
        body: &'a [u8],
        signature: &'a Signature<S>,
    ) -> BoxFuture<'a, Result<Verified, Refusal>>;
}
