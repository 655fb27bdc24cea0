//! The simulated providers.
//!
//! Each has a `backend`, which keeps subscriptions and answers requests, and a handle, with which a
//! test controls it.

pub(super) mod pandadoc;
pub(super) mod ratepay;
pub(super) mod request;
pub(super) mod response;

mod access_tokens;
mod random;

use http::StatusCode;

use super::operation::Provider;
use response::ProviderResponse;

/// Returns a provider's error response with this status.
pub(super) fn error_response(provider: Provider, status: StatusCode) -> ProviderResponse {
    match provider {
        Provider::PandaDoc => pandadoc::error::response(status),
        Provider::Ratepay => ratepay::error::response(status),
    }
}
