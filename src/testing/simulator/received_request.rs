//! A request that has arrived completely.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::ALLOW;
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::router::Route;
use super::server::CloseConnection;
use super::state::SimulatorState;
use crate::testing::lock::lock;
use crate::testing::operation::{Operation, Provider};
use crate::testing::providers::request::ProviderRequest;
use crate::testing::providers::response::ProviderResponse;
use crate::testing::providers::{error_response, pandadoc};

/// The largest request body, in bytes: PandaDoc accepts 2 MB
/// (<https://developers.pandadoc.com/reference/limits>). Ratepay documents no limit.
const MAX_REQUEST_BODY: usize = 2 * 1024 * 1024;

pub(super) struct ReceivedRequest {
    pub(super) head: Parts,
    /// `None` if the body is too large.
    body: Option<Bytes>,
}

impl ReceivedRequest {
    pub(super) async fn read(request: Request<Incoming>) -> Result<Self, CloseConnection> {
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, MAX_REQUEST_BODY).collect().await {
            Ok(body) => Some(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => None,
            // The client closed the connection.
            Err(_) => return Err(CloseConnection),
        };
        Ok(Self { head, body })
    }

    /// Returns the body, or `None` if it is too large.
    pub(super) fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    pub(super) fn route(&self) -> Route<'_> {
        Route::find(&self.head.method, self.head.uri.path())
    }

    /// Applies the request at the provider of its route, and returns the provider's response.
    pub(super) fn apply(&self, route: &Route<'_>, state: &SimulatorState) -> ProviderResponse {
        let Some(body) = self.body.as_deref() else {
            return error_response(route.provider(), StatusCode::PAYLOAD_TOO_LARGE);
        };
        match route {
            Route::Operation(operation, id) => {
                let request = self.to_provider(*operation, id, body);
                let now = state.clock.now();
                match operation.provider() {
                    Provider::PandaDoc => lock(&state.pandadoc).respond(&request, now),
                    Provider::Ratepay => lock(&state.ratepay).respond(&request, now),
                }
            }
            Route::MethodNotAllowed(provider, allowed) => {
                method_not_allowed(*provider, &self.head.method, allowed)
            }
            Route::NotFound(provider) => error_response(*provider, StatusCode::NOT_FOUND),
        }
    }

    /// Returns the provider's response of this long ago, if the request is a read of subscriptions.
    pub(super) fn read_stale(
        &self,
        route: &Route<'_>,
        state: &SimulatorState,
        age: Duration,
    ) -> Option<ProviderResponse> {
        let Route::Operation(operation, id) = route else {
            return None;
        };
        let request = self.to_provider(*operation, id, self.body.as_deref()?);
        let now = state.clock.now();
        let then = now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
        match operation.provider() {
            Provider::PandaDoc => lock(&state.pandadoc).read_as_of(&request, then),
            Provider::Ratepay => lock(&state.ratepay).read_as_of(&request, then, now),
        }
    }

    fn to_provider<'a>(
        &'a self,
        operation: Operation,
        id: &'a str,
        body: &'a [u8],
    ) -> ProviderRequest<'a> {
        ProviderRequest {
            operation,
            id,
            head: &self.head,
            body,
        }
    }
}

/// Responds with 405 and `Allow` (RFC 9110, section 15.5.6).
fn method_not_allowed(provider: Provider, method: &Method, allowed: &[&str]) -> ProviderResponse {
    let response = match provider {
        Provider::PandaDoc => pandadoc::error::method_not_allowed(method),
        Provider::Ratepay => error_response(provider, StatusCode::METHOD_NOT_ALLOWED),
    };
    match HeaderValue::from_str(&allowed.join(", ")) {
        Ok(allowed) => response.with_header(ALLOW, allowed),
        Err(_) => response,
    }
}
