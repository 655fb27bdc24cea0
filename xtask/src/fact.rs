//! Holds the facts that users see of a document.

use std::fmt;

use serde_json::Value;

use super::credentials::Credentials;
use super::generator::Found;
use super::value::{Described, Way};

/// The place of a fact, from the whole to the part: `["type Item", "member name"]`.
pub type Place = Vec<String>;

/// A fact, and the document's prose about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub fact: Fact,
    pub prose: Value,
}

/// A statement of a document at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The base of URLs.
    Server,
    /// The alternatives for a client to authenticate.
    Credentials(Credentials),
    /// A kind of credential.
    Scheme(String),
    /// A flow of OAuth 2.0.
    Flow,
    /// A URL of such a flow.
    Url(String),
    /// A scope that such a flow offers.
    Scope,
    /// An operation.
    Operation(Endpoint),
    /// An operation whose client comes from a document by hand.
    ByHand(ByHand),
    /// An argument of an operation.
    Parameter(Sent),
    /// The body of a request.
    Body(Sent),
    /// A member of a request.
    Sent(Sent),
    /// A member of an answer.
    Received(Received),
    /// The media type and the body of a success. There may be none.
    Success(Option<(String, Described)>),
    /// The shape of an error's body. No type is generated from it.
    Error(Value),
    /// A type, and where it is used.
    Type(Way, Described),
    /// A text that an enum lists.
    EnumValue,
}

/// A value of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub required: bool,
    pub value: Described,
}

/// A value of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The document requires the value.
    pub promised: bool,
    /// This crate requires the value.
    pub always: bool,
    pub value: Described,
}

/// An operation whose client comes from a document by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    pub endpoint: Endpoint,
    /// The requests and answers of the operation in this document.
    pub shape: Value,
    /// The document by hand.
    pub file: String,
}

/// The method, in upper case, and the path of an operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    pub method: String,
    pub path: String,
}

impl Entry {
    pub fn of(fact: Fact, prose: Value) -> Self {
        Self { fact, prose }
    }
}

impl Endpoint {
    pub fn of(found: &Found) -> Self {
        Self {
            method: found.method.to_uppercase(),
            path: found.path.to_owned(),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let required = |required: bool| if required { ", required" } else { "" };
        match self {
            // No type depends on the body of an error.
            Self::Server | Self::EnumValue | Self::Flow | Self::Scope | Self::Error(_) => Ok(()),
            Self::Credentials(credentials) => write!(f, ": {credentials}"),
            Self::Scheme(what) | Self::Url(what) => write!(f, ": {what}"),
            Self::Operation(endpoint) | Self::ByHand(ByHand { endpoint, .. }) => {
                write!(f, ": {endpoint}")
            }
            Self::Parameter(sent) | Self::Body(sent) | Self::Sent(sent) => {
                write!(f, ": {}{}", sent.value, required(sent.required))
            }
            Self::Received(received) => {
                let always = if received.always { ", always" } else { "" };
                write!(
                    f,
                    ": {}{}{always}",
                    received.value,
                    required(received.promised)
                )
            }
            Self::Success(Some((media_type, value))) => write!(f, ": {media_type} {value}"),
            Self::Success(None) => f.write_str(": no body"),
            Self::Type(way, value) => write!(f, ": {value}, {way}"),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
