#![cfg_attr(doc, doc = include_str!(concat!(env!("OUT_DIR"), "/pictures.md")))]
#![doc = include_str!("../docs/rustdoc-links.md")]
#![doc = include_str!("../README.md")]
//!
//! ## Map of the modules
//!
//! | module | contents | feature | guide |
//! |---|---|---|---|
//! | [`rotate`] | the rotation of keys, and the stores that keep its record | `rotate` (default) | [Rotation](crate::docs::rotation), [Stores](crate::docs::stores), [Fleet](crate::docs::fleet) |
//! | [`verify`] | signatures, keys, rings of keys, and the layer for servers (`tower`) | | [Verification](crate::docs::verification) |
//! | [`pandadoc`] | PandaDoc's client, its types, its deliveries, and its OAuth 2.0 | | [Calls](crate::docs::calls), [Tokens](crate::docs::tokens) |
//! | [`ratepay`] | the same of Ratepay's, and its `SigningSecret` | | [Calls](crate::docs::calls), [Tokens](crate::docs::tokens) |
//! | [`testing`] | a simulator of both providers, typed mocks, and tests of stores | `testing` | [Testing](crate::docs::testing) |
//! | [`docs`] | the guides, which are files of the repository | | |
//!
//! Both clients share the types at the root: [`ClientBuilder`], [`RetryPolicy`], [`Error`] and its [`Outcome`],
//! [`CredentialSource`], [`Secret`] and [`WebhookUrl`].
//!
#![cfg_attr(not(feature = "rotate"), doc = "[`rotate`]: crate::docs::rotation")]
#![cfg_attr(not(feature = "testing"), doc = "[`testing`]: crate::docs::testing")]
// docs.rs shows beside each item which feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]
#![warn(unreachable_pub)]
#![warn(clippy::unwrap_used, clippy::expect_used)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

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
pub use secret::{RandomnessError, Secret};
pub use webhook_url::{UrlSyntax, WebhookUrl, WebhookUrlError};
