//! The success of a token endpoint, read as far as it can be.

use std::error::Error;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use tokio::time::Instant;

use super::credential::{Credential, CredentialError};
use super::token_cache::Token;
use crate::secret::Secret;

/// The members of RFC 6749, section 5.1, that are used.
pub(crate) struct TokenAnswer {
    /// Or the error of the call that should have obtained it.
    pub(crate) access_token: Result<Secret, CredentialError>,
    pub(crate) refresh_token: Option<Secret>,
    /// In seconds.
    pub(crate) expires_in: Option<f64>,
}

impl TokenAnswer {
    /// Reads what can be read from a success that the client couldn't use as a whole. `body` finds the
    /// bytes of that success in the error of the call; a call without a success has none.
    pub(crate) fn salvage<E>(error: E, body: impl FnOnce(&E) -> Option<&[u8]>) -> Self
    where
        E: Error + Send + Sync + 'static,
    {
        let body = body(&error).unwrap_or_default();
        let access_token: Option<Secret> = member(body, "access_token");
        let refresh_token = member(body, "refresh_token");
        let expires_in = member(body, "expires_in").and_then(Seconds::number);
        Self {
            access_token: access_token.ok_or_else(|| CredentialError::new(error)),
            refresh_token,
            expires_in,
        }
    }

    /// Makes a token of the answer. `asked` is when the request was sent.
    pub(crate) fn into_token(self, asked: Instant) -> Result<Token, CredentialError> {
        let credential = Credential::bearer(self.access_token?).map_err(CredentialError::new)?;
        Ok(Token::new(credential, asked, self.expires_in))
    }
}

/// A number, or a number in a string.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

impl Seconds {
    fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// Returns the last value of this member that can be read, wherever and however the JSON breaks off.
///
/// Each member is read by itself, so a malformed one doesn't spoil the others.
fn member<'de, T: Deserialize<'de>>(body: &'de [u8], name: &str) -> Option<T> {
    // A byte order mark may come first.
    let start = body.iter().position(|byte| *byte == b'{')?;
    let mut found = None;
    let object = Member {
        name,
        found: &mut found,
    };
    // The error only says where reading stopped, and the call has an error of its own.
    let _ = serde_json::Deserializer::from_slice(&body[start..]).deserialize_map(object);
    found
}

struct Member<'a, T> {
    name: &'a str,
    found: &'a mut Option<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Member<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(name) = object.next_key::<String>()? {
            if name == self.name {
                *self.found = Some(object.next_value()?);
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
