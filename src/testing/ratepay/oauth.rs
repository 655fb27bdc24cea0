//! Ratepay's token endpoint: client credentials for a JSON Web Token.
//!
//! Source: <https://docs.ratepay.com/apis/authentication/openapi/authentication_api/overview>.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::prelude::{Engine, BASE64_URL_SAFE_NO_PAD};
use http::StatusCode;
use serde_json::{json, Value};

use crate::secret::Secret;
use crate::testing::answer::Answer;
use crate::testing::credentials::Tokens;
use crate::testing::handle::Call;
use crate::testing::random;

/// How long a token is good, by the documented example.
pub(super) const TOKEN_LIFETIME: Duration = Duration::from_secs(1800);

/// The audiences of this API: one for each environment.
const AUDIENCES: [&str; 2] = [
    "https://api-integration.ratepay.com/webhook/management",
    "https://api.ratepay.com/webhook/management",
];

/// Whose a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Whose credentials a test is given.
    Client,
    /// Somebody whose subscriptions the client can neither see nor change.
    Other,
}

pub(super) struct OAuth {
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    tokens: Tokens<Owner>,
}

impl OAuth {
    pub(super) fn new() -> Self {
        Self {
            client_id: random::base62(32),
            client_secret: random::base62(64).into(),
            tokens: Tokens::default(),
        }
    }

    pub(super) fn owner(&self, token: &str, now: SystemTime) -> Option<Owner> {
        self.tokens.find(token, now).copied()
    }

    pub(super) fn issue(&mut self, owner: Owner, now: SystemTime, lifetime: Duration) -> Secret {
        let now_in_unix_time = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let token = jwt(now_in_unix_time.saturating_add(lifetime));
        self.tokens.issue(token.clone(), owner, now, lifetime);
        token.into()
    }

    /// Ratepay documents 200 and 401 alone, so everything that is wrong is a 401, another media type
    /// than the documented `application/json` included. The members of a 401 are not documented; these
    /// are those of RFC 6749, section 5.2.
    pub(super) fn answer(&mut self, call: &Call<'_>, now: SystemTime) -> Answer {
        let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
        let is = |name: &str, expected: &str| {
            // Compared as secrets, which some of them are.
            let found = body[name].as_str().map(Secret::from);
            found == Some(expected.into())
        };
        let is_valid = call.is_sent_as("application/json")
            && is("client_id", &self.client_id)
            && is("client_secret", self.client_secret.expose_secret())
            && is("grant_type", "client_credentials")
            && AUDIENCES.iter().any(|audience| is("audience", audience));
        if !is_valid {
            let body = json!({"error": "access_denied", "error_description": "Unauthorized"});
            return Answer::json(StatusCode::UNAUTHORIZED, &body);
        }
        let token = self.issue(Owner::Client, now, TOKEN_LIFETIME);
        let body = json!({
            "access_token": token.expose_secret(),
            "expires_in": TOKEN_LIFETIME.as_secs(),
            "token_type": "Bearer",
        });
        Answer::json(StatusCode::OK, &body)
    }
}

/// A token of the form of a JWT (RFC 7519). It is known by heart and not by its signature, which is
/// none.
fn jwt(expires: Duration) -> String {
    let claims = json!({"exp": expires.as_secs(), "jti": random::base62(22)});
    let encode = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        encode(json!({"alg": "RS256", "typ": "JWT"}).to_string()),
        encode(claims.to_string()),
        encode(random::base62(32)),
    )
}

pub(super) fn is_jwt(token: &str) -> bool {
    token.starts_with("ey") && token.split('.').count() == 3
}
