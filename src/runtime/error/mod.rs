//! The error of a call that failed.

mod cause;
mod display;
mod kind;
mod outcome;
mod problem;
mod retry_after;

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use uuid::fmt::Hyphenated;

use super::exchange::{Operation, Response};
use crate::auth::CredentialError;
use crate::parse_error::JsonFault;
use retry_after::retry_after;

pub use kind::ErrorKind;
pub use outcome::Outcome;
pub use problem::{Link, Problem};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A call that failed: what happened, what the server may have done, and what to do next.
///
/// Every call returns this error. [`outcome`](Self::outcome) says what is known about the server, and
/// [`kind`](Self::kind) says how far the call came. If the server answered, the error has its
/// [`status`](Self::status), [`headers`](Self::headers), [`body`](Self::body) and
/// [`problem`](Self::problem), whatever the body was.
///
/// `Display` writes one sentence. `Display`, `Debug` and every [`source`](std::error::Error::source) print no
/// credential, no secret and no part of a body. They print three things that the server sent: the status, the
/// wait that it named, and a request id that is a UUID with hyphens.
///
/// Decide by the outcome. After [`Outcome::Unknown`], don't repeat a call that isn't idempotent. Read back what the
/// server has:
///
/// ```no_run
/// use webhook_subscriptions::{pandadoc, Error, Outcome, Secret};
///
/// /// Has PandaDoc make a new key, and returns the key that it has afterwards.
/// async fn change_key(client: &pandadoc::Client, id: &uuid::Uuid) -> Result<Secret, Error> {
///     let error = match client.update_webhook_subscription_shared_key(id).await {
///         Ok(answer) => return Ok(answer.into_inner().shared_key),
///         Err(error) => error,
///     };
///     match error.outcome() {
///         // The key didn't change. `error.retry_after()` says when to call again.
///         Outcome::NotSent | Outcome::Rejected => Err(error),
///         // The key may have changed. Another call would make another key.
///         Outcome::Unknown | Outcome::Applied => {
///             let details = client.details_webhook_subscription(id).await?;
///             details.into_inner().shared_key.ok_or(error)
///         }
///     }
/// }
/// ```
///
/// A request whose answer was lost can still arrive after such a read. [`Rotation`] reads again until that is no
/// longer possible, and accepts both keys meanwhile.
///
#[cfg_attr(feature = "rotate", doc = "[`Rotation`]: crate::Rotation")]
#[cfg_attr(not(feature = "rotate"), doc = "[`Rotation`]: crate::docs::rotation")]
pub struct Error(Box<Details>);

struct Details {
    kind: ErrorKind,
    /// `None` if the request couldn't be built.
    operation: Option<Operation>,
    /// How often the request was sent, or an attempt was made to send it.
    attempts: u32,
    /// Whether the server may have acted on an attempt before the last.
    perhaps_applied: bool,
    timed_out: bool,
    retry_after: Option<Duration>,
    source: Option<BoxError>,
    answer: Option<Answer>,
}

struct Answer {
    response: Response,
    /// Why a success can't be used.
    unusable: Option<Unusable>,
}

/// Why a success can't be used.
pub(crate) enum Unusable {
    /// The body isn't whole. `Received` says how much of it there is.
    Incomplete,
    /// The operation documents other successes.
    Undocumented,
    /// The body isn't JSON, or is JSON of another shape.
    NotTheType(JsonFault),
}

impl Error {
    /// Tells whether the failed call may have changed anything at the server.
    ///
    /// All attempts count: if one of them was [`Outcome::Unknown`], so is the call, even if a later attempt
    /// was rejected.
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
            | ErrorKind::RateLimited
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

    /// Returns how often the request was sent, or an attempt was made to send it.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns how far the call came.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Tells whether time ran out: for a connection, for a response, or in the middle of a body.
    pub fn is_timeout(&self) -> bool {
        self.0.timed_out
    }

    /// Returns the status of the response, if one came.
    pub fn status(&self) -> Option<StatusCode> {
        self.response().map(|response| response.status)
    }

    /// Returns the headers of the response, if one came.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.response().map(|response| &response.headers)
    }

    /// Returns how long the server asks the client to wait, counted from when its response came.
    ///
    /// The value is that of `Retry-After`, in seconds or as an HTTP-date (RFC 9110, section 10.2.3). A date
    /// that has passed is zero. Any other value is `None`. On a 429 without `Retry-After`, it is the wait in
    /// PandaDoc's sentence "Expected available in N seconds".
    ///
    /// For [`ErrorKind::RateLimited`], it is the rest of the wait that another call was told, or chose by itself
    /// after a 429 that named none. It is `None` if only the queue was too long.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the provider's id of this exchange, which its support asks for: the header `x-request-id`, if
    /// it is present and visible ASCII. PandaDoc sends it. Ratepay documents none.
    pub fn request_id(&self) -> Option<&str> {
        let id = self.headers()?.get("x-request-id")?.to_str().ok()?;
        Some(id).filter(|id| !id.is_empty())
    }

    /// Returns the raw bytes of an error response: as many as came, up to the limit of the client.
    ///
    /// Returns `None` if no response came, and for a success, whose body may hold a key. For a success see
    /// [`expose_success_body`](Self::expose_success_body).
    pub fn body(&self) -> Option<&[u8]> {
        self.body_if(|status| !status.is_success())
    }

    /// Returns the raw bytes of a success that couldn't be used, so that the caller can look for a key in
    /// them. Keep them away from logs.
    pub fn expose_success_body(&self) -> Option<&[u8]> {
        self.body_if(|status| status.is_success())
    }

    /// Returns the provider's error body, parsed leniently. It is empty if there is none.
    pub fn problem(&self) -> Problem {
        self.body().map(Problem::read).unwrap_or_default()
    }

    /// Returns the request id if it can be printed. A key may well be 32 hexadecimal digits, so only a UUID
    /// with its hyphens is accepted as one.
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

    /// Tells whether the server rate-limits the client, or accepts no requests for a while.
    pub(crate) fn is_throttled(&self) -> bool {
        match self.status() {
            Some(StatusCode::TOO_MANY_REQUESTS) => true,
            Some(StatusCode::SERVICE_UNAVAILABLE) => self.retry_after().is_some(),
            _ => false,
        }
    }

    /// Tells whether the server may have acted on the last attempt, and may not.
    pub(crate) fn is_left_open(&self) -> bool {
        self.outcome_of_last_attempt() == Outcome::Unknown
    }

    /// Tells whether another credential may help: after a 401, or a 400 that the provider uses like one.
    pub(crate) fn rejects_the_credential(&self) -> bool {
        match (self.status(), self.0.operation) {
            (Some(StatusCode::UNAUTHORIZED), _) => true,
            (Some(StatusCode::BAD_REQUEST), Some(operation)) => {
                let problem = self.problem();
                problem
                    .message()
                    .is_some_and(operation.quirks.rejects_credential)
            }
            _ => false,
        }
    }

    /// Tells whether the provider itself, and not a gateway, says that the resource doesn't exist.
    pub(crate) fn is_own_not_found(&self) -> bool {
        self.response().is_some_and(|response| {
            let is_own = response.operation.quirks.is_own_not_found;
            response.status == StatusCode::NOT_FOUND && is_own(&response.headers, &response.body)
        })
    }

    /// Returns the status or the kind, for traces. There are few different values, and none comes from
    /// outside.
    #[cfg(feature = "tracing")]
    pub(crate) fn type_name(&self) -> String {
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
            source: None,
            answer: None,
        }))
    }

    pub(crate) fn not_built(source: BoxError) -> Self {
        Self::new(ErrorKind::NotBuilt, None).with_source(source)
    }

    pub(crate) fn no_credential(operation: Operation, source: CredentialError) -> Self {
        Self::new(ErrorKind::NoCredential, Some(operation)).with_source(source)
    }

    /// The client is rate-limited beyond the deadline. `remaining` is the rest of the server's wait, if any.
    pub(crate) fn rate_limited(operation: Operation, remaining: Option<Duration>) -> Self {
        let mut error = Self::new(ErrorKind::RateLimited, Some(operation));
        error.0.retry_after = remaining;
        error
    }

    /// The request failed before there was a response.
    pub(crate) fn no_response(operation: Operation, source: reqwest::Error) -> Self {
        let mut error = Self::new(cause::kind(&source), Some(operation));
        error.0.timed_out = source.is_timeout();
        error.with_source(source.without_url())
    }

    /// The server answered with a status other than 2xx.
    pub(crate) fn error_status(response: Response) -> Self {
        Self::answered(ErrorKind::ErrorStatus, response, None)
    }

    /// The server answered with a success that can't be used.
    pub(crate) fn unusable_success(response: Response, why: Unusable) -> Self {
        Self::answered(ErrorKind::UnusableSuccess, response, Some(why))
    }

    fn answered(kind: ErrorKind, mut response: Response, unusable: Option<Unusable>) -> Self {
        let mut error = Self::new(kind, Some(response.operation));
        error.0.attempts = response.attempts;
        error.0.retry_after = retry_after(&response, SystemTime::now());
        if let Some(cause) = response.cause.take() {
            error.0.timed_out = cause.is_timeout();
            error.0.source = Some(cause.into());
        }
        error.0.answer = Some(Answer { response, unusable });
        error
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds what is known about the attempts of the call.
    pub(crate) fn with_attempts(mut self, attempts: u32, perhaps_applied: bool) -> Self {
        self.0.attempts = attempts;
        self.0.perhaps_applied = perhaps_applied;
        self
    }

    /// Returns the response, or the error itself if no response came.
    pub(crate) fn into_response(mut self) -> Result<Response, Self> {
        match self.0.answer.take() {
            Some(answer) => Ok(answer.response),
            None => Err(self),
        }
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
            .field("cause", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
