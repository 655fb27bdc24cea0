//! The path of every call, from generated code to the HTTP client and back.
//!
//! The folders from top to bottom; each imports only from those below it:
//!
//! | folder | has |
//! |---|---|
//! | [`progenitor_client`] | the names that generated code links to |
//! | [`call`] | the attempts of a call, and the decision whether to retry |
//! | [`client`] | the parts of a client: settings, shared state, rate limiter, transport |
//! | [`error`] | the error of every call, and its conclusion about the server |
//! | [`exchange`] | the operation that a request belongs to, and the response |
//!
//! No code here depends on a provider. Each facade hands its provider's rules over as
//! [`Quirks`](exchange::Quirks).

pub(crate) mod client;
pub(crate) mod progenitor_client;

mod call;
mod error;
mod exchange;

pub use client::{BuildError, ClientBuilder, RetryPolicy};
pub use error::{Error, ErrorKind, Link, Outcome, Problem};
pub use progenitor_client::ResponseValue;

pub(crate) use client::ClientState;
#[cfg(feature = "rotate")]
pub(crate) use exchange::ErasedBuf;
pub(crate) use exchange::{Quirks, Templates};
pub(crate) use progenitor_client::open_enum;
