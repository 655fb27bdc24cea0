//! Reads from an error of the HTTP client how far the request came.

use std::error::Error;

use super::kind::ErrorKind;

/// Tells how far a request came that failed before there was a response.
pub(super) fn kind(error: &reqwest::Error) -> ErrorKind {
    if error.is_builder() {
        ErrorKind::NotBuilt
    } else if proxy_wants_credentials(error) {
        ErrorKind::ProxyAuthRequired
    } else if error.is_connect() || was_canceled(error) {
        ErrorKind::NotConnected
    } else {
        ErrorKind::NoResponse
    }
}

/// Tells whether hyper handed the request back untouched: the server had closed its connection before a byte
/// was written.
fn was_canceled(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        let cause = cause.downcast_ref::<hyper::Error>();
        cause.is_some_and(hyper::Error::is_canceled)
    })
}

/// Tells whether a proxy rejected the tunnel to the server with status 407.
///
/// hyper-util doesn't export the type of this error, so its text is compared.
fn proxy_wants_credentials(error: &reqwest::Error) -> bool {
    error.is_connect()
        && causes(error)
            .any(|cause| cause.to_string() == "tunnel error: proxy authorization required")
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
