//! The span and events of a call, emitted with the feature `tracing`.
//!
//! A call has one span, and one event per attempt, with the names of OpenTelemetry's semantic conventions for
//! HTTP clients. None has a body, a credential, or a URL with its parameters filled in. `docs/tracing.md`
//! describes them for users, and a test compares it with what is emitted.

use std::time::Duration;

use http::Method;

use crate::runtime::client::ClientState;
use crate::runtime::error::Error;
use crate::runtime::exchange::{Operation, Response};

#[cfg(feature = "tracing")]
pub(super) struct Trace {
    span: tracing::Span,
    operation: Operation,
}

#[cfg(feature = "tracing")]
impl Trace {
    pub(super) fn new(operation: Operation, method: &Method, state: &ClientState) -> Self {
        let span = tracing::info_span!(
            "webhook_subscriptions.call",
            otel.name = format_args!("{} {}", method, operation.template),
            otel.kind = "client",
            operation = operation.id,
            http.request.method = method.as_str(),
            url.template = operation.template,
            server.address = state.shared.host,
            server.port = state.shared.port,
            http.request.resend_count = tracing::field::Empty,
            http.response.status_code = tracing::field::Empty,
            error.type = tracing::field::Empty,
            outcome = tracing::field::Empty,
        );
        Self { span, operation }
    }

    pub(super) fn wrap<F: std::future::Future>(
        &self,
        call: F,
    ) -> tracing::instrument::Instrumented<F> {
        tracing::Instrument::instrument(call, self.span.clone())
    }

    /// Records an attempt that ended the call with success.
    pub(super) fn success(&self, response: &Response) {
        let status = response.status.as_u16();
        let resend_count = response.attempts.saturating_sub(1);
        self.span.record("http.response.status_code", status);
        self.span.record("http.request.resend_count", resend_count);
        tracing::debug!(
            operation = self.operation.id,
            http.response.status_code = status,
            http.request.resend_count = resend_count,
            "answered"
        );
    }

    /// Records an attempt that failed. With a `wait`, another attempt follows it.
    pub(super) fn failure(&self, error: &Error, wait: Option<Duration>) {
        let status = error.status().map(|status| status.as_u16());
        let resend_count = error.attempts().saturating_sub(1);
        let error_type = error.type_name();
        let outcome = tracing::field::debug(error.outcome());
        if wait.is_none() {
            self.span.record("http.response.status_code", status);
            self.span.record("http.request.resend_count", resend_count);
            self.span.record("error.type", error_type.as_str());
            self.span.record("outcome", &outcome);
        }
        tracing::debug!(
            operation = self.operation.id,
            http.response.status_code = status,
            http.request.resend_count = resend_count,
            error.type = error_type,
            outcome,
            wait_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            "failed"
        );
    }
}

/// Records a success that turned out to be unusable after its call had ended.
#[cfg(feature = "tracing")]
pub(crate) fn trace_unusable(error: &Error, operation: Operation) {
    tracing::debug!(
        operation = operation.id,
        http.response.status_code = error.status().map(|status| status.as_u16()),
        error.type = tracing::field::debug(error.kind()),
        outcome = tracing::field::debug(error.outcome()),
        "unusable"
    );
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn trace_unusable(_: &Error, _: Operation) {}

#[cfg(not(feature = "tracing"))]
pub(super) struct Trace;

#[cfg(not(feature = "tracing"))]
impl Trace {
    pub(super) fn new(_: Operation, _: &Method, _: &ClientState) -> Self {
        Self
    }

    pub(super) fn wrap<F>(&self, call: F) -> F {
        call
    }

    pub(super) fn success(&self, _: &Response) {}

    pub(super) fn failure(&self, _: &Error, _: Option<Duration>) {}
}
