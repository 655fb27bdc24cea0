//! Handles a request: finds its operation and its fault, and has the provider respond.

use std::sync::Arc;

use http::{Request, Response, StatusCode};
use http_body_util::Either;
use hyper::body::Incoming;

use super::fault_injection::{HandledRequest, MatchedFault};
use super::received_request::ReceivedRequest;
use super::recorded_request::RecordedRequest;
use super::server::{CloseConnection, ServerBody};
use super::state::SimulatorState;
use crate::testing::admin::activity::ObservedRequest;
use crate::testing::admin::server::Admin;
use crate::testing::faults::request_fault::{Fault, FaultEffect};
use crate::testing::operation::Operation;
use crate::testing::providers::response::ResponseBody;

pub(super) async fn handle(
    state: Arc<SimulatorState>,
    request: Request<Incoming>,
) -> Result<Response<ServerBody>, CloseConnection> {
    let admin = state.admin.as_ref();
    if let Some(admin) = admin.filter(|_| Admin::has_path(request.uri().path())) {
        return Ok(admin.respond(request).await.map(Either::Right));
    }
    let request = ReceivedRequest::read(request).await?;
    let route = request.route();
    let operation = route.operation();
    let fault = operation.and_then(|operation| {
        state.count_request(operation);
        matched_fault(&state, operation)
    });
    let handled = match fault {
        None => HandledRequest::without_fault(request.apply(&route, &state)),
        Some(fault) => fault.handle(&request, &route, &state),
    };
    // Called before any wait, because a client that hangs up ends this future.
    if let Some(observer) = &state.observer {
        observer(&RecordedRequest {
            path: request.head.uri.path().to_owned(),
            method: request.head.method.clone(),
            operation,
            status: handled.response.as_ref().ok().map(Response::status),
            fault: handled.effect,
        });
    }
    if let Some(admin) = admin {
        admin.activity().record_request(&ObservedRequest {
            head: &request.head,
            body: request.body(),
            operation,
            response: handled.response.as_ref().ok().map(status_and_body),
            fault: handled.effect,
        });
    }
    if let Some(late) = handled.late {
        late.start(state.clone(), request);
    }
    if let Some(FaultEffect::Delayed { by, .. }) = handled.effect {
        state.clock.sleep(by).await;
    }
    handled.response.map(|response| response.map(Either::Left))
}

fn status_and_body(response: &Response<ResponseBody>) -> (StatusCode, &[u8]) {
    (response.status(), response.body().remaining())
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
