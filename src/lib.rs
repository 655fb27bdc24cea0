#![doc = include_str!("../README.md")]
#![warn(missing_docs, unreachable_pub)]
#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod pandadoc;
pub mod ratepay;

mod runtime;
mod secret;

pub use runtime::{
    BuildError, ClientBuilder, Error, ErrorKind, Link, Outcome, Problem, ResponseValue,
};
pub use secret::Secret;
