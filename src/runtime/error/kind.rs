//! How far a call came before it failed.

/// How far a call came before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request couldn't be built, so nothing was sent: [`Outcome::NotSent`](crate::Outcome::NotSent).
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes, though an unchanged call
    /// fails the same way. *Next:* read the [`source`](std::error::Error::source), and correct the argument
    /// it names.
    NotBuilt,

    /// No credential could be obtained, so nothing was sent:
    /// [`Outcome::NotSent`](crate::Outcome::NotSent).
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes. *Next:* read the
    /// [`source`](std::error::Error::source). For a token that couldn't be renewed, it is the error of that
    /// call.
    NoCredential,

    /// The client was rate-limited beyond the deadline of the call:
    /// [`Outcome::NotSent`](crate::Outcome::NotSent). The server asked all calls of this client to wait, or
    /// the queue of calls before this one was too long.
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes. *Next:* call again
    /// once [`Error::retry_after`](crate::Error::retry_after) has passed, or after a pause.
    RateLimited,

    /// No connection was made, because of the name look-up, TCP or TLS, or it was closed before a byte was
    /// written: [`Outcome::NotSent`](crate::Outcome::NotSent).
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes. *Next:* call again
    /// after a pause. If the error persists, check the base URL, the network and the certificates.
    NotConnected,

    /// A proxy rejected the tunnel to the server with status 407 (RFC 9110, section 15.5.8), so no connection
    /// was made: [`Outcome::NotSent`](crate::Outcome::NotSent). It isn't retried.
    ///
    /// *Was it sent?* No. *Can the server have acted?* No. *Safe to call again?* Yes, though an unchanged call
    /// fails the same way. *Next:* put the proxy's credentials into its URL.
    ProxyAuthRequired,

    /// The request was sent, in whole or in part, and no response came back: a time-out, a closed connection,
    /// or an answer that isn't HTTP. [`Outcome::Unknown`](crate::Outcome::Unknown).
    ///
    /// *Was it sent?* Yes, or part of it. *Can the server have acted?* Yes. *Safe to call again?* A PUT, yes.
    /// A regeneration of a shared key, no. *Next:* call an idempotent operation again. After any other, read
    /// back what the server holds.
    NoResponse,

    /// The server, or a gateway in front of it, answered with a status other than 2xx. The
    /// [`Outcome`](crate::Outcome) says which statuses are a rejection and which leave the result open.
    ///
    /// *Was it sent?* Yes. *Can the server have acted?* As the outcome says. *Safe to call again?* A rejected
    /// call, yes, once the cause is fixed or [`Error::retry_after`](crate::Error::retry_after) has passed.
    /// Any other as for [`NoResponse`](Self::NoResponse). *Next:* read
    /// [`Error::status`](crate::Error::status) and [`Error::problem`](crate::Error::problem). Redirects are
    /// not followed: for a 3xx, correct the base URL.
    ErrorStatus,

    /// The server answered with a success that can't be used: [`Outcome::Applied`](crate::Outcome::Applied).
    /// The body is cut short, larger than the limit or not what it must be. Or the operation doesn't document
    /// a success with this status.
    ///
    /// *Was it sent?* Yes. *Can the server have acted?* It has. *Safe to call again?* A GET or a PUT, yes.
    /// A regeneration of a shared key, no: it makes another key. *Next:* read back what the server holds, or
    /// look for the key in [`Error::expose_success_body`](crate::Error::expose_success_body).
    UnusableSuccess,
}
