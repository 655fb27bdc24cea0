//! The way of a request: operation, fault, provider, answer.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::answer::{Answer, AnswerBody};
use super::exchange::Exchange;
use super::fault::{Fault, FaultEffect, FaultHit, Kind};
use super::injected::Injected;
use super::operation::{Operation, Provider, Target};
use super::server::Closed;
use super::shared::Shared;
use super::{lock, pandadoc, ratepay};

/// The largest body of a request, in bytes: PandaDoc takes 2 MB
/// (<https://developers.pandadoc.com/reference/limits>). Ratepay names no limit.
const LIMIT: usize = 2 * 1024 * 1024;

/// What a provider is told of a request for one of its operations.
pub(super) struct Call<'a> {
    pub(super) operation: Operation,
    /// The id in the path, empty where the operation has none.
    pub(super) id: &'a str,
    pub(super) head: &'a Parts,
    pub(super) body: &'a [u8],
}

impl Call<'_> {
    /// Whether the body is sent as this media type.
    pub(super) fn is_sent_as(&self, media_type: &str) -> bool {
        let sent = self.head.headers.get(CONTENT_TYPE);
        sent.and_then(|it| it.to_str().ok())
            .is_some_and(|it| is_media_type(it, media_type))
    }
}

/// Whether a media type is this one, whatever its parameters are.
pub(super) fn is_media_type(media_type: &str, known: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(known)
}

pub(super) async fn handle(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Closed> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, LIMIT).collect().await {
        Ok(body) => Some(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => None,
        // The client went away.
        Err(_) => return Err(Closed),
    };
    let target = Target::find(&head.method, head.uri.path());
    let operation = target.operation();
    let fault = operation.and_then(|operation| {
        shared.count(operation);
        let concerns = |fault: &Fault| fault.concerns(operation);
        let (fault, injected) = shared.faults.take_unless(Fault::is_uncertain, concerns)?;
        Some((operation, fault, injected))
    });
    let apply = || answer(&shared, &target, &head, body.as_deref());
    let spoilt = match fault {
        None => Spoilt::not(apply()),
        Some((operation, fault, injected)) => spoil(&shared, operation, &fault, &injected, apply),
    };
    // Before anything is waited for: a client that hangs up ends this here.
    if let Some(observer) = &shared.observer {
        observer(&Exchange {
            path: head.uri.path().to_owned(),
            method: head.method,
            operation,
            status: spoilt.response.as_ref().ok().map(Response::status),
            fault: spoilt.effect,
        });
    }
    if let Some(FaultEffect::Delayed { by, .. }) = spoilt.effect {
        shared.clock.sleep(by).await;
    }
    spoilt.response
}

/// What becomes of a request, and what a fault did about it.
struct Spoilt {
    response: Result<Response<AnswerBody>, Closed>,
    effect: Option<FaultEffect>,
}

impl Spoilt {
    fn not(answer: Answer) -> Self {
        Self {
            response: Ok(answer.into_response()),
            effect: None,
        }
    }
}

/// Does what a fault says, and records it before the client can know.
fn spoil(
    shared: &Shared,
    operation: Operation,
    fault: &Fault,
    injected: &Injected<FaultHit>,
    apply: impl FnOnce() -> Answer,
) -> Spoilt {
    let record = |effect| {
        let at = shared.clock.now();
        injected.record(FaultHit {
            operation,
            at,
            effect,
        });
        Some(effect)
    };
    let instead = |status| match operation.provider() {
        Provider::PandaDoc => pandadoc::error::of(status),
        Provider::Ratepay => ratepay::error::of(status),
    };
    let (response, effect) = match &fault.kind {
        Kind::CutBeforeApplying => (Err(Closed), record(FaultEffect::CutBeforeApplying)),
        Kind::CutAfterApplying => {
            let lost = apply().status;
            (Err(Closed), record(FaultEffect::CutAfterApplying { lost }))
        }
        Kind::CutInsideAnswer => {
            let answer = apply();
            let (status, of) = (answer.status, answer.body_length());
            // See `Fault::is_uncertain`.
            if of == 0 || !injected.take() {
                return Spoilt::not(answer);
            }
            let sent = of / 2;
            let effect = record(FaultEffect::CutInsideAnswer { status, sent, of });
            (Ok(answer.cut_off_after(sent)), effect)
        }
        Kind::Delay(by) => {
            let answer = apply();
            let (status, by) = (answer.status, *by);
            let effect = record(FaultEffect::Delayed { status, by });
            (Ok(answer.into_response()), effect)
        }
        Kind::Answer(status, retry_after) => {
            let status = *status;
            let mut answer = instead(status);
            if let Some(wait) = retry_after {
                answer = answer.with(http::header::RETRY_AFTER, wait.clone());
            }
            let effect = record(FaultEffect::Answered { status });
            (Ok(answer.into_response()), effect)
        }
        Kind::AnswerAfterApplying(status) => {
            let lost = apply().status;
            let status = *status;
            let effect = record(FaultEffect::AnsweredAfterApplying { status, lost });
            (Ok(instead(status).into_response()), effect)
        }
        Kind::Html(status) => {
            let status = *status;
            let page = format!(
                "<!DOCTYPE html><html><head><title>{status}</title></head>\
                 <body><h1>{status}</h1><p>The request was stopped on its way.</p></body></html>"
            );
            let effect = record(FaultEffect::HtmlInFront { status });
            let answer = Answer::text(status, "text/html; charset=utf-8", page);
            (Ok(answer.into_response()), effect)
        }
    };
    Spoilt { response, effect }
}

fn answer(shared: &Shared, target: &Target<'_>, head: &Parts, body: Option<&[u8]>) -> Answer {
    let Some(body) = body else {
        return match target {
            Target::Operation(operation, _) => too_large(operation.provider()),
            Target::OtherMethods(provider, _) | Target::Nothing(provider) => too_large(*provider),
        };
    };
    match target {
        Target::Operation(operation, id) => {
            let call = Call {
                operation: *operation,
                id,
                head,
                body,
            };
            let now = shared.clock.now();
            match operation.provider() {
                Provider::PandaDoc => lock(&shared.pandadoc).answer(&call, now),
                Provider::Ratepay => lock(&shared.ratepay).answer(&call, now),
            }
        }
        Target::OtherMethods(provider, methods) => other_methods(*provider, &head.method, methods),
        Target::Nothing(Provider::PandaDoc) => pandadoc::error::of(StatusCode::NOT_FOUND),
        Target::Nothing(Provider::Ratepay) => ratepay::error::of(StatusCode::NOT_FOUND),
    }
}

/// RFC 9110, section 15.5.6, asks for `Allow`.
fn other_methods(provider: Provider, method: &Method, methods: &[&str]) -> Answer {
    let answer = match provider {
        Provider::PandaDoc => pandadoc::error::method_not_allowed(method),
        Provider::Ratepay => ratepay::error::of(StatusCode::METHOD_NOT_ALLOWED),
    };
    match HeaderValue::from_str(&methods.join(", ")) {
        Ok(methods) => answer.with(http::header::ALLOW, methods),
        Err(_) => answer,
    }
}

fn too_large(provider: Provider) -> Answer {
    match provider {
        Provider::PandaDoc => pandadoc::error::of(StatusCode::PAYLOAD_TOO_LARGE),
        Provider::Ratepay => ratepay::error::of(StatusCode::PAYLOAD_TOO_LARGE),
    }
}
