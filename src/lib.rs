#![doc = include_str!("../README.md")]
#![doc = ""]
#![doc = include_str!("../docs/tracing.md")]
#![warn(missing_docs, unreachable_pub)]
#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod pandadoc;
pub mod ratepay;
#[cfg(feature = "testing")]
pub mod testing;
pub mod verify;

mod delivery_error;
mod json_fault;
mod nullable;
mod runtime;
mod secret;
mod token_answer;
mod token_cache;
mod webhook_url;

// Generated code names types of this crate by its name.
extern crate self as webhook_subscriptions;

pub use nullable::Nullable;
pub use runtime::{
    BoxFuture, BuildError, ClientBuilder, Credential, CredentialError, CredentialSource, Error,
    ErrorKind, InvalidCredential, Link, Outcome, Problem, ResponseValue, RetryPolicy,
};
pub use secret::Secret;
pub use webhook_url::{WebhookUrl, WebhookUrlError};
