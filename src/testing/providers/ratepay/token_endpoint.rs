//! Ratepay's token endpoint, which exchanges client credentials for a JSON Web Token.
//!
//! Source: <https://docs.ratepay.com/apis/authentication/openapi/authentication_api/overview>.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::prelude::{Engine, BASE64_URL_SAFE_NO_PAD};
use http::StatusCode;
use serde_json::{json, Value};

use super::subscription::Owner;
use crate::secret::Secret;
use crate::testing::providers::access_tokens::AccessTokens;
use crate::testing::providers::random;
use crate::testing::providers::request::ProviderRequest;
use crate::testing::providers::response::ProviderResponse;

/// The lifetime of a token, by the documented example.
pub(super) const TOKEN_LIFETIME: Duration = Duration::from_secs(1800);

/// The audiences of this API, one for each environment.
const AUDIENCES: [&str; 2] = [
    "https://api-integration.ratepay.com/webhook/management",
    "https://api.ratepay.com/webhook/management",
];

/// The credentials of one client, and the tokens that were issued.
pub(super) struct TokenEndpoint {
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    tokens: AccessTokens<Owner>,
}

impl TokenEndpoint {
    pub(super) fn new() -> Self {
        Self {
            client_id: random::base62(32),
            client_secret: random::base62(64).into(),
            tokens: AccessTokens::default(),
        }
    }

    pub(super) fn holder(&self, token: &str, now: SystemTime) -> Option<Owner> {
        self.tokens.holder(token, now).copied()
    }

    pub(super) fn issue_token(
        &mut self,
        owner: Owner,
        now: SystemTime,
        lifetime: Duration,
    ) -> Secret {
        let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let token = new_jwt(since_epoch.saturating_add(lifetime));
        self.tokens.issue(token.clone(), owner, now, lifetime);
        token.into()
    }

    /// Issues a token, or responds with 401.
    ///
    /// Ratepay documents only 200 and 401. Every error is therefore a 401, even another media type than
    /// the documented `application/json`. The members of a 401 aren't documented; the simulator sends
    /// those of RFC 6749, section 5.2.
    pub(super) fn respond(
        &mut self,
        request: &ProviderRequest<'_>,
        now: SystemTime,
    ) -> ProviderResponse {
        let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
        let is = |name: &str, expected: &str| {
            // Some of these are secrets, so all are compared in constant time.
            let found = body[name].as_str().map(Secret::from);
            found == Some(expected.into())
        };
        let is_valid = request.has_media_type("application/json")
            && is("client_id", &self.client_id)
            && is("client_secret", self.client_secret.expose_secret())
            && is("grant_type", "client_credentials")
            && AUDIENCES.iter().any(|audience| is("audience", audience));
        if !is_valid {
            let body = json!({"error": "access_denied", "error_description": "Unauthorized"});
            return ProviderResponse::json(StatusCode::UNAUTHORIZED, &body);
        }
        let token = self.issue_token(Owner::Client, now, TOKEN_LIFETIME);
        let body = json!({
            "access_token": token.expose_secret(),
            "expires_in": TOKEN_LIFETIME.as_secs(),
            "token_type": "Bearer",
        });
        ProviderResponse::json(StatusCode::OK, &body)
    }
}

/// Returns a token in the form of a JWT (RFC 7519).
///
/// The signature is random. The simulator recognizes a token because it stored it.
fn new_jwt(expires: Duration) -> String {
    let claims = json!({"exp": expires.as_secs(), "jti": random::base62(22)});
    let encode = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        encode(json!({"alg": "RS256", "typ": "JWT"}).to_string()),
        encode(claims.to_string()),
        encode(random::base62(32)),
    )
}

/// Returns whether a token has the form of a JWT.
pub(super) fn is_jwt(token: &str) -> bool {
    token.starts_with("ey") && token.split('.').count() == 3
}
