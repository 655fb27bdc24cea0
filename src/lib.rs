#![doc = include_str!("../docs/rustdoc-links.md")]
#![doc = include_str!("../README.md")]
#![warn(missing_docs, unreachable_pub)]
#![warn(clippy::unwrap_used, clippy::expect_used)]

#[cfg(any(doc, doctest, test))]
pub mod docs;
pub mod pandadoc;
pub mod ratepay;
#[cfg(feature = "rotate")]
pub mod rotate;
#[cfg(feature = "testing")]
pub mod testing;
pub mod verify;

mod auth;
mod nullable;
mod parse_error;
mod runtime;
mod secret;
mod webhook_url;

// Generated code refers to this crate by its name.
extern crate self as webhook_subscriptions;

pub use auth::{BoxFuture, Credential, CredentialError, CredentialSource, InvalidCredential};
pub use nullable::Nullable;
#[cfg(feature = "rotate")]
pub use rotate::Rotation;
pub use runtime::{
    BuildError, ClientBuilder, Error, ErrorKind, Link, Outcome, Problem, ResponseValue, RetryPolicy,
};
pub use secret::Secret;
pub use webhook_url::{UrlSyntax, WebhookUrl, WebhookUrlError};
