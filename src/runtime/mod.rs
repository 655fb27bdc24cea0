//! What every call goes through, generated code on the one side and the HTTP client on the other.
//!
//! [`linkage`] and [`http_client`] are the two doors that generated code comes in by. From there a
//! request goes one way: `send`, `read`, `response`; or it ends in an `error`.

pub(crate) mod http_client;
pub(crate) mod linkage;

mod base_url;
mod builder;
mod credential;
mod error;
mod outcome;
mod problem;
mod read;
mod response;
mod retry_after;
mod send;

pub use builder::{BuildError, ClientBuilder};
pub use error::{Error, ErrorKind};
pub use outcome::Outcome;
pub use problem::{Link, Problem};
pub use response::ResponseValue;

pub(crate) use credential::Credential;
pub(crate) use send::Connection;
