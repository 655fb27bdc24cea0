//! Handles a request: finds its operation and its fault, and has the provider respond.

use std::sync::Arc;

use http::header::ALLOW;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::fault_injection::{HandledRequest, MatchedFault};
use super::recorded_request::RecordedRequest;
use super::router::Route;
use super::server::CloseConnection;
use super::state::SimulatorState;
use crate::testing::faults::request_fault::{Fault, FaultEffect};
use crate::testing::lock::lock;
use crate::testing::operation::{Operation, Provider};
use crate::testing::providers::request::ProviderRequest;
use crate::testing::providers::response::{ProviderResponse, ResponseBody};
use crate::testing::providers::{error_response, pandadoc};

/// The largest request body, in bytes: PandaDoc accepts 2 MB
/// (<https://developers.pandadoc.com/reference/limits>). Ratepay documents no limit.
const MAX_REQUEST_BODY: usize = 2 * 1024 * 1024;

pub(super) async fn handle(
    state: Arc<SimulatorState>,
    request: Request<Incoming>,
) -> Result<Response<ResponseBody>, CloseConnection> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MAX_REQUEST_BODY).collect().await {
        Ok(body) => Some(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => None,
        // The client closed the connection.
        Err(_) => return Err(CloseConnection),
    };
    let route = Route::find(&head.method, head.uri.path());
    let operation = route.operation();
    let fault = operation.and_then(|operation| {
        state.count_request(operation);
        matched_fault(&state, operation)
    });
    let apply = || match body.as_deref() {
        Some(body) => respond(&state, &route, &head, body),
        None => error_response(route.provider(), StatusCode::PAYLOAD_TOO_LARGE),
    };
    let handled = match fault {
        None => HandledRequest::without_fault(apply()),
        Some(fault) => fault.handle(&state.clock, apply),
    };
    // Called before any wait, because a client that hangs up ends this future.
    if let Some(observer) = &state.observer {
        observer(&RecordedRequest {
            path: head.uri.path().to_owned(),
            method: head.method,
            operation,
            status: handled.response.as_ref().ok().map(Response::status),
            fault: handled.effect,
        });
    }
    if let Some(FaultEffect::Delayed { by, .. }) = handled.effect {
        state.clock.sleep(by).await;
    }
    handled.response
}

fn matched_fault(state: &SimulatorState, operation: Operation) -> Option<MatchedFault> {
    let matches = |fault: &Fault| fault.matches(operation);
    let (fault, injected) = state
        .faults
        .trigger_unless(Fault::needs_response, matches)?;
    Some(MatchedFault {
        operation,
        fault,
        injected,
    })
}

fn respond(
    state: &SimulatorState,
    route: &Route<'_>,
    head: &Parts,
    body: &[u8],
) -> ProviderResponse {
    match route {
        Route::Operation(operation, id) => {
            let request = ProviderRequest {
                operation: *operation,
                id,
                head,
                body,
            };
            let now = state.clock.now();
            match operation.provider() {
                Provider::PandaDoc => lock(&state.pandadoc).respond(&request, now),
                Provider::Ratepay => lock(&state.ratepay).respond(&request, now),
            }
        }
        Route::MethodNotAllowed(provider, allowed) => {
            method_not_allowed(*provider, &head.method, allowed)
        }
        Route::NotFound(provider) => error_response(*provider, StatusCode::NOT_FOUND),
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
