//! What a call that failed tells.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use serde_json::error::Category;

use super::outcome::Outcome;
use super::problem::Problem;
use super::response::{Received, Response};
use super::retry_after::retry_after;
use super::send::Operation;

/// A call that failed: what happened, what the server may have done, and what to do next.
///
/// The one error of every call. Begin with [`outcome`](Self::outcome), which says what is known about
/// the server; [`kind`](Self::kind) says how far the call came. Where the server answered, its
/// [`status`](Self::status), [`headers`](Self::headers), [`body`](Self::body) and
/// [`problem`](Self::problem) are here, whatever the body was.
///
/// `Display` is one sentence. Neither it, nor `Debug`, nor any [`source`](std::error::Error::source)
/// prints a credential, a secret, or any of a body: of what the server sent, only the status and the
/// request id are printed.
pub struct Error(Box<Details>);

struct Details {
    kind: ErrorKind,
    /// Unknown where the request could not be built.
    operation: Option<Operation>,
    /// Where no response came.
    transport: Option<reqwest::Error>,
    /// Where one came.
    answer: Option<Answer>,
}

struct Answer {
    response: Response,
    retry_after: Option<Duration>,
    /// Why a success cannot be used.
    unusable: Option<Unusable>,
}

/// How far a call came before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be made, and nothing was sent: [`Outcome::NotSent`].
    ///
    /// *Did it leave?* No. *Can the server have acted?* No. *Safe to call again?* Yes, though an
    /// unchanged call fails the same way. *Next:* read the [`source`](std::error::Error::source),
    /// and mend the argument it names.
    NotBuilt,

    /// No connection could be made, by name look-up, TCP or TLS: [`Outcome::NotSent`].
    ///
    /// *Did it leave?* No. *Can the server have acted?* No. *Safe to call again?* Yes. *Next:* call
    /// again after a pause; if it goes on, check the base URL, the network and the certificates.
    NotConnected,

    /// The request was sent, in whole or in part, and no response came back: a time-out, a
    /// connection closed, or an answer that is no HTTP. [`Outcome::Unknown`].
    ///
    /// *Did it leave?* Yes, or part of it. *Can the server have acted?* Yes. *Safe to call again?* A
    /// PUT, yes. A regeneration of a shared key, no. *Next:* call an idempotent operation again;
    /// after any other, read back what the server holds.
    NoResponse,

    /// The server answered with a status that is no success: [`Outcome::Rejected`] for 3xx, 4xx and
    /// for 503 with `Retry-After`, [`Outcome::Unknown`] for the others.
    ///
    /// *Did it leave?* Yes. *Can the server have acted?* As the outcome says. *Safe to call again?*
    /// Where it was rejected, yes, once the cause is mended or [`Error::retry_after`] has passed;
    /// otherwise as for [`NoResponse`](Self::NoResponse). *Next:* see [`Error::status`] and
    /// [`Error::problem`]. Redirects are not followed: for a 3xx, mend the base URL.
    ErrorStatus,

    /// The server answered with a success that cannot be used: its body is cut short, larger than
    /// the limit or not what it must be, or its status is a success that the operation does not
    /// have. [`Outcome::Applied`].
    ///
    /// *Did it leave?* Yes. *Can the server have acted?* It has. *Safe to call again?* A PUT, yes. A
    /// regeneration of a shared key, no: it makes one key more. *Next:* read back what the server
    /// holds, or look for the key in [`Error::expose_success_body`].
    UnusableSuccess,
}

/// Why a success cannot be used.
pub(super) enum Unusable {
    /// [`Received`] says how much there is.
    Incomplete,
    /// The operation documents other successes.
    Undocumented,
    /// Not JSON, or JSON of another shape. No more of serde's error than this: it quotes the body.
    NotTheType {
        category: Category,
        line: usize,
        column: usize,
    },
}

impl Error {
    /// What the failed call may have changed at the server.
    pub fn outcome(&self) -> Outcome {
        match self.0.kind {
            ErrorKind::NotBuilt | ErrorKind::NotConnected => Outcome::NotSent,
            ErrorKind::NoResponse => Outcome::Unknown,
            ErrorKind::UnusableSuccess => Outcome::Applied,
            ErrorKind::ErrorStatus => match self.status() {
                Some(status) if status.is_redirection() || status.is_client_error() => {
                    Outcome::Rejected
                }
                Some(StatusCode::SERVICE_UNAVAILABLE) if self.retry_after().is_some() => {
                    Outcome::Rejected
                }
                _ => Outcome::Unknown,
            },
        }
    }

    /// How far the call came.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether time ran out: for a connection, for a response, or in the middle of a body.
    pub fn is_timeout(&self) -> bool {
        self.transport().is_some_and(reqwest::Error::is_timeout)
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
    /// `Retry-After` in seconds or as an HTTP-date (RFC 9110, section 10.2.3). A date that has
    /// passed is zero, and a value that is neither is none.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.answer.as_ref()?.retry_after
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

    fn body_if(&self, wanted: impl Fn(StatusCode) -> bool) -> Option<&[u8]> {
        let response = self.response()?;
        wanted(response.status).then_some(response.body.as_slice())
    }

    fn response(&self) -> Option<&Response> {
        self.0.answer.as_ref().map(|answer| &answer.response)
    }

    /// What the HTTP client reported, before the response or within its body.
    fn transport(&self) -> Option<&reqwest::Error> {
        match self.response().map(|response| &response.received) {
            Some(Received::Cut(error)) => Some(error),
            _ => self.0.transport.as_ref(),
        }
    }
}

/// How errors are made.
impl Error {
    /// The request failed before there was a response.
    pub(super) fn no_response(
        operation: impl Into<Option<Operation>>,
        error: reqwest::Error,
    ) -> Self {
        let kind = if error.is_builder() {
            ErrorKind::NotBuilt
        } else if error.is_connect() {
            ErrorKind::NotConnected
        } else {
            ErrorKind::NoResponse
        };
        Self(Box::new(Details {
            kind,
            operation: operation.into(),
            transport: Some(error.without_url()),
            answer: None,
        }))
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
        Self::answered(ErrorKind::UnusableSuccess, response, Some(why))
    }

    fn answered(kind: ErrorKind, response: Response, unusable: Option<Unusable>) -> Self {
        let retry_after = retry_after(&response.headers, SystemTime::now());
        Self(Box::new(Details {
            kind,
            operation: Some(response.operation),
            transport: None,
            answer: Some(Answer {
                response,
                retry_after,
                unusable,
            }),
        }))
    }
}

/// For the step in which generated code builds its request.
impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::no_response(None, error)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.0.operation.map(|operation| operation.id))
            .field("kind", &self.kind())
            .field("outcome", &self.outcome())
            .field("status", &self.status())
            .field("retry_after", &self.retry_after())
            .field("request_id", &self.request_id())
            .field("transport", &self.transport())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.transport().map(|error| error as _)
    }
}

/// One sentence: what happened; what the server may have done; what to do next.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self
            .0
            .operation
            .map_or("the call", |operation| operation.id);
        write!(f, "{operation}: ")?;
        self.fmt_what_happened(f)?;
        f.write_str(match self.outcome() {
            Outcome::NotSent => ", so nothing was sent; ",
            Outcome::Rejected => ", so the server did not act; ",
            Outcome::Unknown => ", so the server may have acted; ",
            Outcome::Applied => ", so the server has acted and its result is lost; ",
        })?;
        self.fmt_next(f)
    }
}

impl Error {
    fn fmt_what_happened(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timed_out = self.is_timeout();
        match self.0.kind {
            ErrorKind::NotBuilt => f.write_str("the request could not be built"),
            ErrorKind::NotConnected if timed_out => f.write_str("connecting took too long"),
            ErrorKind::NotConnected => f.write_str("no connection could be made"),
            ErrorKind::NoResponse if timed_out => f.write_str("no response came in time"),
            ErrorKind::NoResponse => f.write_str("the connection failed before a response came"),
            ErrorKind::ErrorStatus | ErrorKind::UnusableSuccess => self.fmt_answer(f),
        }
    }

    fn fmt_answer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(answer) = &self.0.answer else {
            return Ok(());
        };
        write!(f, "the server answered {}", answer.response.status)?;
        if let Some(id) = self.request_id() {
            write!(f, " (request id {id})")?;
        }
        match &answer.unusable {
            None | Some(Unusable::Incomplete) => {}
            Some(Unusable::Undocumented) => f.write_str(", a success it does not document")?,
            Some(Unusable::NotTheType {
                category,
                line,
                column,
            }) => {
                let what = match category {
                    Category::Data => "JSON of another shape than documented",
                    Category::Eof => "JSON that ends too early",
                    Category::Syntax | Category::Io => "no JSON",
                };
                write!(f, " with {what} (line {line}, column {column})")?;
            }
        }
        match answer.response.received {
            Received::Whole => Ok(()),
            Received::UpTo(limit) => write!(f, " with a body of more than {limit} bytes"),
            Received::Cut(_) => f.write_str(" with a body cut short"),
        }
    }

    fn fmt_next(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let idempotent = self
            .0
            .operation
            .is_some_and(|operation| operation.idempotent);
        match (self.outcome(), self.status(), self.retry_after()) {
            (Outcome::NotSent, ..) if self.0.kind == ErrorKind::NotBuilt => {
                f.write_str("mend the arguments")
            }
            (Outcome::NotSent, ..) => f.write_str("call again after a pause"),
            (Outcome::Rejected, _, Some(wait)) => {
                write!(f, "call again after {} s", wait.as_secs())
            }
            (Outcome::Rejected, Some(status), None) => f.write_str(match status.as_u16() {
                300..=399 => "redirects are not followed: check the base URL",
                401 => "check the credential",
                403 => "check what the credential may do, and see problem()",
                404 => "check the id",
                429 => "call again after a pause",
                _ => "see problem() for its reason",
            }),
            _ if idempotent => f.write_str("calling again is safe"),
            _ => f.write_str("do not call again, read back what the server holds"),
        }
    }
}
