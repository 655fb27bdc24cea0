//! The sentence that an error displays.

use std::fmt;

use super::kind::ErrorKind;
use super::outcome::Outcome;
use super::{Error, Unusable};
use crate::runtime::exchange::Received;

/// One sentence that says what happened, what the server may have done, and what to do next.
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
            Outcome::Unknown if self.only_reads() => ", so there is no result; ",
            Outcome::Unknown => ", so the server may have acted; ",
            Outcome::Applied if self.only_reads() => ", so its result is lost; ",
            Outcome::Applied => ", so the server has acted and its result is lost; ",
        })?;
        self.fmt_next(f)
    }
}

impl Error {
    fn only_reads(&self) -> bool {
        self.0.operation.is_some_and(|operation| operation.reads)
    }

    fn fmt_what_happened(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timed_out = self.is_timeout();
        match self.0.kind {
            ErrorKind::NotBuilt => f.write_str("the request could not be built"),
            ErrorKind::NoCredential => f.write_str("no credential could be obtained"),
            ErrorKind::RateLimited => {
                f.write_str("the client is rate-limited until after the deadline")
            }
            ErrorKind::NotConnected if timed_out => f.write_str("connecting took too long"),
            ErrorKind::NotConnected => f.write_str("no connection could be made"),
            ErrorKind::ProxyAuthRequired => f.write_str("the proxy requires credentials"),
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
        if let Some(id) = self.request_uuid() {
            write!(f, " (request id {id})")?;
        }
        match &answer.unusable {
            None | Some(Unusable::Incomplete) => {}
            Some(Unusable::Undocumented) => {
                f.write_str(", a success that the operation does not document")?
            }
            Some(Unusable::NotTheType(fault)) => write!(f, " with {fault}")?,
        }
        match answer.response.received {
            Received::Whole => Ok(()),
            Received::UpTo(limit) => write!(f, " with a body of more than {limit} bytes"),
            Received::Cut => f.write_str(" with a body cut short"),
        }
    }

    fn fmt_next(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let idempotent = self
            .0
            .operation
            .is_some_and(|operation| operation.idempotent);
        match (self.outcome(), self.status(), self.retry_after()) {
            (Outcome::NotSent, ..) if self.0.kind == ErrorKind::NotBuilt => {
                f.write_str("correct the argument that its source names")
            }
            (Outcome::NotSent, ..) if self.0.kind == ErrorKind::NoCredential => {
                f.write_str("read its source for the reason")
            }
            (Outcome::NotSent, ..) if self.0.kind == ErrorKind::ProxyAuthRequired => {
                f.write_str("put them into the URL of the proxy")
            }
            (Outcome::NotSent | Outcome::Rejected, _, Some(wait)) => {
                write!(f, "call again after {} s", wait.as_secs_f64().ceil())
            }
            (Outcome::NotSent, ..) => f.write_str("call again after a pause"),
            (Outcome::Rejected, Some(status), None) => f.write_str(match status.as_u16() {
                300..=399 => "redirects are not followed: check the base URL",
                401 => "check the credential",
                403 => "check what the credential may do, and read problem()",
                404 => "check the id",
                407 => "the proxy requires credentials: put them into its URL",
                429 => "call again after a pause",
                _ => "read problem() for the reason",
            }),
            (Outcome::Unknown, Some(status), _) if status.is_redirection() => {
                f.write_str("redirects are not followed: check the base URL, then ")?;
                f.write_str(match idempotent {
                    true => "call again",
                    false => "read back what the server holds",
                })
            }
            _ if idempotent => f.write_str("calling again is safe"),
            _ => f.write_str("do not call again, but read back what the server holds"),
        }
    }
}
