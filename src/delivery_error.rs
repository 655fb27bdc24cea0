//! A delivery that cannot be read.

use crate::json_fault::JsonFault;

/// The body of a delivery is not what the provider documents. Its text quotes nothing of the body.
///
/// Not read is JSON that nests deeper than 127 levels, or that has a number too large for an [`f64`].
///
/// A delivery that is genuine and cannot be read is worth keeping as it came: the provider may have
/// changed its payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body of the delivery is {0}; keep it if it is genuine, and see what the provider sends now")]
pub struct DeliveryError(JsonFault);

impl From<serde_json::Error> for DeliveryError {
    fn from(error: serde_json::Error) -> Self {
        Self(JsonFault::from(&error))
    }
}
