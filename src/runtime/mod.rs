//! What every call goes through, generated code on the one side and the HTTP client on the other.
//!
//! [`linkage`] and [`http_client`] are the two doors that generated code comes in by. From there a
//! [`request`] goes one way: `call` makes as many attempts as are right, each `send`, `read`,
//! `response`; or it ends in an `error`.

pub(crate) mod http_client;
pub(crate) mod linkage;

mod base_url;
mod build_error;
mod builder;
mod call;
mod connection;
mod credential;
mod erased;
mod error;
mod open_enum;
mod operation;
mod outcome;
mod problem;
mod query;
mod quirks;
mod read;
#[cfg(feature = "testing")]
mod recorder;
mod request;
mod response;
mod response_value;
mod retry;
mod retry_after;
mod send;
mod throttle;
mod trace;

pub use build_error::BuildError;
pub use builder::ClientBuilder;
pub use credential::{BoxFuture, Credential, CredentialError, CredentialSource, InvalidCredential};
pub use error::{Error, ErrorKind};
pub use outcome::Outcome;
pub use problem::{Link, Problem};
pub use response_value::ResponseValue;
pub use retry::RetryPolicy;

#[cfg(feature = "testing")]
pub(crate) use base_url::is_loopback;
pub(crate) use connection::Connection;
pub(crate) use open_enum::open_enum;
pub(crate) use operation::Templates;
pub(crate) use quirks::Quirks;
#[cfg(feature = "testing")]
pub(crate) use recorder::{Recorded, Recorder};
pub(crate) use response::Response;
