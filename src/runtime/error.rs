//! What a call that failed tells.

mod sentence;

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use uuid::fmt::Hyphenated;

use super::credential::CredentialError;
use super::http_client::{proxy_wants_credentials, was_sent};
use super::operation::Operation;
use super::outcome::Outcome;
use super::problem::Problem;
use super::response::{Received, Response};
use super::retry_after::retry_after;
use super::trace;
use crate::json_fault::JsonFault;

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A call that failed: what happened, what the server may have done, and what to do next.
///
/// The one error of every call. Begin with [`outcome`](Self::outcome), which says what is known about
/// the server; [`kind`](Self::kind) says how far the call came. Where the server answered, its
/// [`status`](Self::status), [`headers`](Self::headers), [`body`](Self::body) and
/// [`problem`](Self::problem) are here, whatever the body was.
///
/// `Display` is one sentence. Neither it, nor `Debug`, nor any [`source`](std::error::Error::source)
/// prints a credential, a secret, or any of a body: of what the server sent, only the status is
/// printed, the wait that it named, and a request id that is a UUID with hyphens.
pub struct Error(Box<Details>);

struct Details {
    kind: ErrorKind,
    /// Unknown where the request could not be built.
    operation: Option<Operation>,
    /// How often the request was sent, or tried to be.
    attempts: u32,
    /// Whether an attempt before the last may have been acted on.
    perhaps_applied: bool,
    timed_out: bool,
    retry_after: Option<Duration>,
    cause: Option<BoxError>,
    answer: Option<Answer>,
}

struct Answer {
    response: Response,
    /// Why a success cannot be used.
    unusable: Option<Unusable>,
}

/// How far a call came before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be made, and nothing was sent: [`Outcome::NotSent`].
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes, though an
    /// unchanged call fails the same way. *Next:* read the [`source`](std::error::Error::source),
    /// and correct the argument it names.
    NotBuilt,

    /// There was no credential to send, and nothing was sent: [`Outcome::NotSent`].
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes. *Next:* the
    /// [`source`](std::error::Error::source) says why: for a token that could not be renewed it is
    /// the error of that call.
    NoCredential,

    /// The call was not sent: the wait that the server asks of all calls of this client, or the queue
    /// of calls before this one, goes beyond the deadline. [`Outcome::NotSent`].
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes. *Next:* call
    /// again once [`Error::retry_after`] has passed, or after a pause.
    HeldBack,

    /// No connection was made, by name look-up, TCP or TLS, or it was closed before a byte was
    /// written: [`Outcome::NotSent`].
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes. *Next:* call
    /// again after a pause; if it goes on, check the base URL, the network and the certificates.
    NotConnected,

    /// A proxy rejected the tunnel to the server with status 407 (RFC 9110, section 15.5.8), so there
    /// was no connection: [`Outcome::NotSent`]. It isn't retried.
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes, though an
    /// unchanged call fails the same way. *Next:* put the proxy's credentials into its URL.
    ProxyAuthRequired,

    /// The request was sent, in whole or in part, and no response came back: a time-out, a
    /// connection closed, or an answer that isn't HTTP. [`Outcome::Unknown`].
    ///
    /// *Was it sent?* Yes, or part of it. *Can the server have acted?* Yes. *Safe to call again?* A
    /// PUT, yes. A regeneration of a shared key, no. *Next:* call an idempotent operation again;
    /// after any other, read back what the server holds.
    NoResponse,

    /// The server, or a gateway in front of it, answered with a status other than 2xx. The
    /// [`Outcome`] says which statuses are a rejection and which leave the matter open.
    ///
    /// *Was it sent?* Yes. *Can the server have acted?* As the outcome says. *Safe to call again?*
    /// Where it was rejected, yes, once the cause is fixed or [`Error::retry_after`] has passed;
    /// otherwise as for [`NoResponse`](Self::NoResponse). *Next:* see [`Error::status`] and
    /// [`Error::problem`]. Redirects are not followed: for a 3xx, correct the base URL.
    ErrorStatus,

    /// The server answered with a success that cannot be used: its body is cut short, larger than
    /// the limit or not what it must be, or its status is a success that the operation doesn't
    /// have. [`Outcome::Applied`].
    ///
    /// *Was it sent?* Yes. *Can the server have acted?* It has. *Safe to call again?* A GET or a PUT, yes.
    /// A regeneration of a shared key, no: it makes one key more. *Next:* read back what the server
    /// holds, or look for the key in [`Error::expose_success_body`].
    UnusableSuccess,
}

/// Why a success cannot be used.
pub(super) enum Unusable {
    /// [`Received`] says how much there is.
    Incomplete,
    /// The operation documents other successes.
    Undocumented,
    /// Not JSON, or JSON of another shape.
    NotTheType(JsonFault),
}

impl Error {
    /// What the failed call may have changed at the server.
    ///
    /// All attempts count: where one of them was [`Outcome::Unknown`], so is the call, though a later
    /// one was refused.
    pub fn outcome(&self) -> Outcome {
        match self.outcome_of_last_attempt() {
            Outcome::NotSent | Outcome::Rejected if self.0.perhaps_applied => Outcome::Unknown,
            outcome => outcome,
        }
    }

    fn outcome_of_last_attempt(&self) -> Outcome {
        match self.0.kind {
            ErrorKind::NotBuilt
            | ErrorKind::NoCredential
            | ErrorKind::HeldBack
            | ErrorKind::NotConnected
            | ErrorKind::ProxyAuthRequired => Outcome::NotSent,
            ErrorKind::NoResponse => Outcome::Unknown,
            ErrorKind::UnusableSuccess => Outcome::Applied,
            ErrorKind::ErrorStatus => match self.status().map(|status| status.as_u16()) {
                // A gateway answers these when the server's own answer is late, lost or malformed.
                Some(408 | 499) => Outcome::Unknown,
                Some(307 | 308 | 400..=499) => Outcome::Rejected,
                _ => Outcome::Unknown,
            },
        }
    }

    /// How often the request was sent, or tried to be.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How far the call came.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether time ran out: for a connection, for a response, or in the middle of a body.
    pub fn is_timeout(&self) -> bool {
        self.0.timed_out
    }

    /// The status of the response, if one came.
    pub fn status(&self) -> Option<StatusCode> {
        self.response().map(|response| response.status)
    }

    /// The headers of the response, if one came.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.response().map(|response| &response.headers)
    }

    /// How long the server asks to be left alone, counted from when its response came:
    /// `Retry-After` in seconds or as an HTTP-date (RFC 9110, section 10.2.3), or, on a 429 without
    /// one, PandaDoc's sentence "Expected available in N seconds". A date that has passed is zero,
    /// and a value that is neither is none.
    ///
    /// For [`ErrorKind::HeldBack`], what is left of the wait that another call was told of, or began
    /// by itself after a 429 that named none; none where only the queue was too long.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The provider's name for this exchange, which its support asks for: the header `x-request-id`,
    /// where it is there and visible ASCII. PandaDoc sends it; Ratepay documents none.
    pub fn request_id(&self) -> Option<&str> {
        let id = self.headers()?.get("x-request-id")?.to_str().ok()?;
        Some(id).filter(|id| !id.is_empty())
    }

    /// The raw bytes of an error response: as many as came, up to the limit of the client.
    ///
    /// None where no response came, and none for a success, whose body may hold a key: that is
    /// [`expose_success_body`](Self::expose_success_body).
    pub fn body(&self) -> Option<&[u8]> {
        self.body_if(|status| !status.is_success())
    }

    /// The raw bytes of a success that could not be used, for a caller who would rather look for a
    /// key in them than do without. Keep them away from logs.
    pub fn expose_success_body(&self) -> Option<&[u8]> {
        self.body_if(|status| status.is_success())
    }

    /// The provider's error body, read tolerantly. Empty where there is none.
    pub fn problem(&self) -> Problem {
        self.body().map(Problem::read).unwrap_or_default()
    }

    /// The request id where it can be printed. A key may well be 32 hexadecimal digits, so only a UUID
    /// with its hyphens is taken for one.
    fn request_uuid(&self) -> Option<Hyphenated> {
        self.request_id()?.parse().ok()
    }

    fn body_if(&self, wanted: impl Fn(StatusCode) -> bool) -> Option<&[u8]> {
        let response = self.response()?;
        wanted(response.status).then_some(response.body.as_slice())
    }

    fn response(&self) -> Option<&Response> {
        self.0.answer.as_ref().map(|answer| &answer.response)
    }

    /// Whether the server says that there were too many calls, or that it takes none for a while.
    pub(super) fn is_throttled(&self) -> bool {
        match self.status() {
            Some(StatusCode::TOO_MANY_REQUESTS) => true,
            Some(StatusCode::SERVICE_UNAVAILABLE) => self.retry_after().is_some(),
            _ => false,
        }
    }

    /// Whether the last attempt may have been acted on.
    pub(super) fn is_left_open(&self) -> bool {
        self.outcome_of_last_attempt() == Outcome::Unknown
    }

    /// Whether another credential may help: a 401, or a 400 that the provider uses like one.
    pub(super) fn rejects_the_credential(&self) -> bool {
        match (self.status(), self.0.operation) {
            (Some(StatusCode::UNAUTHORIZED), _) => true,
            (Some(StatusCode::BAD_REQUEST), Some(operation)) => {
                (operation.quirks.rejects_credential)(&self.problem())
            }
            _ => false,
        }
    }

    /// Whether the provider itself, and no gateway, says that there is no such resource.
    pub(super) fn is_own_not_found(&self) -> bool {
        self.response().is_some_and(|response| {
            response.status == StatusCode::NOT_FOUND
                && (response.operation.quirks.is_own_not_found)(response)
        })
    }

    /// For traces: the status, or the kind. Few different values, none from outside.
    #[cfg(feature = "tracing")]
    pub(super) fn type_name(&self) -> String {
        match self.status() {
            Some(status) => status.as_str().to_owned(),
            None if self.is_timeout() => "timeout".to_owned(),
            None => format!("{:?}", self.kind()),
        }
    }
}

/// How errors are made.
impl Error {
    fn new(kind: ErrorKind, operation: Option<Operation>) -> Self {
        Self(Box::new(Details {
            kind,
            operation,
            attempts: 0,
            perhaps_applied: false,
            timed_out: false,
            retry_after: None,
            cause: None,
            answer: None,
        }))
    }

    pub(super) fn not_built(cause: BoxError) -> Self {
        Self::new(ErrorKind::NotBuilt, None).because(cause)
    }

    pub(super) fn no_credential(operation: Operation, cause: CredentialError) -> Self {
        Self::new(ErrorKind::NoCredential, Some(operation)).because(cause)
    }

    /// The server's wait has so much left, if any, and that is more than the call has.
    pub(super) fn held_back(operation: Operation, left: Option<Duration>) -> Self {
        let mut error = Self::new(ErrorKind::HeldBack, Some(operation));
        error.0.retry_after = left;
        error
    }

    /// The request failed before there was a response.
    pub(super) fn no_response(operation: Operation, cause: reqwest::Error) -> Self {
        let kind = if was_sent(&cause) {
            ErrorKind::NoResponse
        } else if cause.is_builder() {
            ErrorKind::NotBuilt
        } else if proxy_wants_credentials(&cause) {
            ErrorKind::ProxyAuthRequired
        } else {
            ErrorKind::NotConnected
        };
        let mut error = Self::new(kind, Some(operation));
        error.0.timed_out = cause.is_timeout();
        error.because(cause.without_url())
    }

    pub(super) fn because(mut self, cause: impl Into<BoxError>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The response, if one came.
    pub(super) fn into_response(mut self) -> Result<Response, Self> {
        match self.0.answer.take() {
            Some(answer) => Ok(answer.response),
            None => Err(self),
        }
    }

    /// What is known beside the last attempt.
    pub(super) fn after(mut self, attempts: u32, perhaps_applied: bool) -> Self {
        self.0.attempts = attempts;
        self.0.perhaps_applied = perhaps_applied;
        self
    }

    /// A status that is no success of the operation. Generated code calls it by this name.
    #[doc(hidden)]
    #[allow(non_snake_case)]
    pub fn UnexpectedResponse(response: Response) -> Self {
        if response.status.is_success() {
            Self::unusable(response, Unusable::Undocumented)
        } else {
            Self::answered(ErrorKind::ErrorStatus, response, None)
        }
    }

    /// A success without the result that it must have.
    pub(super) fn unusable(response: Response, why: Unusable) -> Self {
        let operation = response.operation;
        let error = Self::lost(response, why);
        trace::unusable(&error, operation);
        error
    }

    /// A success whose answer was lost, while the call may still get another.
    pub(super) fn lost(response: Response, why: Unusable) -> Self {
        Self::answered(ErrorKind::UnusableSuccess, response, Some(why))
    }

    fn answered(kind: ErrorKind, mut response: Response, unusable: Option<Unusable>) -> Self {
        let mut error = Self::new(kind, Some(response.operation));
        error.0.attempts = response.attempts;
        error.0.retry_after = retry_after(&response, SystemTime::now());
        if let Some(cause) = response.cause.take() {
            error.0.timed_out = cause.is_timeout();
            error.0.cause = Some(cause.into());
        }
        error.0.answer = Some(Answer { response, unusable });
        error
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.0.operation.map(|operation| operation.id))
            .field(
                "path",
                &self.0.operation.map(|operation| operation.template),
            )
            .field("kind", &self.kind())
            .field("outcome", &self.outcome())
            .field("status", &self.status())
            .field("retry_after", &self.retry_after())
            .field("request_id", &self.request_uuid())
            .field("attempts", &self.attempts())
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}
