#![doc = include_str!("../README.md")]
#![warn(missing_docs, unreachable_pub)]
#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod pandadoc;
pub mod ratepay;

mod runtime;
mod secret;
mod token_cache;

pub use runtime::{
    BoxFuture, BuildError, ClientBuilder, Credential, CredentialError, CredentialSource, Error,
    ErrorKind, InvalidCredential, Link, Outcome, Problem, ResponseValue, RetryPolicy,
};
pub use secret::Secret;
