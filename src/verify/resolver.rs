//! The hook for signatures that no key of a ring made.

use std::time::SystemTime;

use super::refusal::Refusal;
use super::ring::Verified;
use super::scheme::{Scheme, Signature};
use crate::auth::BoxFuture;

/// Decides about deliveries that no key of the ring verifies, and is told about the others.
pub(crate) trait Resolver<S: Scheme>: Send + Sync + 'static {
    /// A key of the ring verified a delivery. This must not allocate, lock or wait.
    fn matched(&self, verified: &Verified, now: SystemTime);

    /// Returns the key that verifies this delivery after all, or the refusal with which to answer it.
    fn resolve<'a>(
        &'a self,
        body: &'a [u8],
        signature: &'a Signature<S>,
    ) -> BoxFuture<'a, Result<Verified, Refusal>>;
}
