//! Applies a fault to a request.

use http::header::RETRY_AFTER;
use http::Response;

use super::late_application::LateApplication;
use super::received_request::ReceivedRequest;
use super::router::Route;
use super::server::CloseConnection;
use super::state::SimulatorState;
use crate::testing::faults::injected_fault::InjectedFault;
use crate::testing::faults::request_fault::{Fault, FaultEffect, FaultHit, FaultKind};
use crate::testing::operation::Operation;
use crate::testing::providers::error_response;
use crate::testing::providers::response::{ProviderResponse, ResponseBody};

/// The result of a request, and what a fault did to it.
pub(super) struct HandledRequest {
    pub(super) response: Result<Response<ResponseBody>, CloseConnection>,
    pub(super) effect: Option<FaultEffect>,
    /// Set if the request is still to be applied.
    pub(super) late: Option<LateApplication>,
}

impl HandledRequest {
    pub(super) fn without_fault(response: ProviderResponse) -> Self {
        Self {
            response: Ok(response.into_response()),
            effect: None,
            late: None,
        }
    }
}

/// A fault that matches a request.
pub(super) struct MatchedFault {
    pub(super) operation: Operation,
    pub(super) fault: Fault,
    pub(super) injected: InjectedFault<FaultHit>,
}

impl MatchedFault {
    /// Handles the request as the fault says, and records the hit before the client can see the result.
    pub(super) fn handle(
        &self,
        request: &ReceivedRequest,
        route: &Route<'_>,
        state: &SimulatorState,
    ) -> HandledRequest {
        let apply = || request.apply(route, state);
        let provider = self.operation.provider();
        let (response, effect) = match &self.fault.kind {
            FaultKind::CutBeforeApplying => (Err(CloseConnection), FaultEffect::CutBeforeApplying),
            FaultKind::CutAfterApplying => {
                let lost = apply().status;
                (Err(CloseConnection), FaultEffect::CutAfterApplying { lost })
            }
            FaultKind::CutInsideAnswer => {
                let response = apply();
                let (status, of) = (response.status, response.body_length());
                // The fault wasn't triggered yet; see `Fault::needs_response`.
                if of == 0 || !self.injected.trigger() {
                    return HandledRequest::without_fault(response);
                }
                let sent = of / 2;
                let effect = FaultEffect::CutInsideAnswer { status, sent, of };
                (Ok(response.into_cut_response(sent)), effect)
            }
            FaultKind::ApplyLate(by) => {
                let effect = FaultEffect::NotYetApplied { by: *by };
                (Err(CloseConnection), effect)
            }
            FaultKind::StaleRead(age) => {
                let response = apply();
                let stale = match response.status.is_success() {
                    true => request.read_stale(route, state, *age),
                    false => None,
                };
                let stale = stale.filter(|stale| !stale.has_same_body(&response));
                match stale.filter(|_| self.injected.trigger()) {
                    Some(stale) => {
                        let effect = FaultEffect::StaleRead { age: *age };
                        (Ok(stale.into_response()), effect)
                    }
                    None => return HandledRequest::without_fault(response),
                }
            }
            FaultKind::Delay(by) => {
                let response = apply();
                let (status, by) = (response.status, *by);
                let effect = FaultEffect::Delayed { status, by };
                (Ok(response.into_response()), effect)
            }
            FaultKind::Answer(status, retry_after) => {
                let status = *status;
                let mut response = error_response(provider, status);
                if let Some(value) = retry_after {
                    response = response.with_header(RETRY_AFTER, value.clone());
                }
                let effect = FaultEffect::Answered { status };
                (Ok(response.into_response()), effect)
            }
            FaultKind::AnswerAfterApplying(status) => {
                let lost = apply().status;
                let status = *status;
                let response = error_response(provider, status);
                let effect = FaultEffect::AnsweredAfterApplying { status, lost };
                (Ok(response.into_response()), effect)
            }
            FaultKind::Html(status) => {
                let status = *status;
                let page = format!(
                    "<!DOCTYPE html><html><head><title>{status}</title></head>\
                     <body><h1>{status}</h1><p>The request was blocked.</p></body></html>"
                );
                let html = "text/html; charset=utf-8";
                let response = ProviderResponse::text(status, html, page);
                let effect = FaultEffect::HtmlInFront { status };
                (Ok(response.into_response()), effect)
            }
        };
        let hit = self.injected.record(FaultHit {
            operation: self.operation,
            at: state.clock.now(),
            effect,
        });
        HandledRequest {
            response,
            effect: Some(effect),
            late: match effect {
                FaultEffect::NotYetApplied { by } => Some(LateApplication { by, hit }),
                _ => None,
            },
        }
    }
}
