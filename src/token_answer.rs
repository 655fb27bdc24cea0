//! The success of a token endpoint, read as far as it can be.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use tokio::time::Instant;

use crate::runtime::{Credential, CredentialError, Error};
use crate::secret::Secret;
use crate::token_cache::Token;

/// The members of RFC 6749, section 5.1, that are used.
pub(crate) struct TokenAnswer {
    /// Or the error of the call that should have obtained it.
    pub(crate) access_token: Result<Secret, Error>,
    pub(crate) refresh_token: Option<Secret>,
    /// In seconds.
    pub(crate) expires_in: Option<f64>,
}

impl TokenAnswer {
    /// `asked` is when the request was sent.
    pub(crate) fn into_token(self, asked: Instant) -> Result<Token, CredentialError> {
        let access_token = self.access_token.map_err(CredentialError::new)?;
        let credential = Credential::bearer(&access_token).map_err(CredentialError::new)?;
        Ok(Token::new(credential, asked, self.expires_in))
    }
}

/// What can be read from a success that the client couldn't use as a whole.
impl From<Error> for TokenAnswer {
    fn from(error: Error) -> Self {
        let body = error.expose_success_body().unwrap_or_default();
        let refresh_token = member(body, "refresh_token");
        let expires_in = member(body, "expires_in").and_then(Seconds::number);
        let access_token = member(body, "access_token").ok_or(error);
        Self {
            access_token,
            refresh_token,
            expires_in,
        }
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

/// The last value of this member that can be read, wherever and however the JSON breaks off.
///
/// Each member is read by itself, so that one that is malformed takes no other with it.
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
