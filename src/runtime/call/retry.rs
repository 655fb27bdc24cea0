//! The decision whether a failed attempt may be retried.

use http::StatusCode;

use crate::runtime::error::{Error, ErrorKind};
use crate::runtime::exchange::Operation;

/// Tells whether an operation may be sent again after this error. No policy changes that; see the table at
/// [`RetryPolicy`](crate::RetryPolicy).
pub(super) fn may_retry(error: &Error, operation: Operation) -> bool {
    match error.kind() {
        ErrorKind::NotConnected => true,
        ErrorKind::NoResponse => operation.idempotent,
        ErrorKind::ErrorStatus => match error.status() {
            Some(StatusCode::TOO_MANY_REQUESTS) => true,
            // The next answer would be the same.
            Some(status) if status.is_redirection() => false,
            _ => error.is_left_open() && operation.idempotent,
        },
        ErrorKind::UnusableSuccess => operation.reads,
        ErrorKind::NotBuilt
        | ErrorKind::NoCredential
        | ErrorKind::RateLimited
        | ErrorKind::ProxyAuthRequired => false,
    }
}
