//! PandaDoc's token endpoint, by the operation `accessToken` of its published document.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::json;
use url::form_urlencoded;

use super::credentials::Credentials;
use super::error::with_request_id;
use crate::secret::Secret;
use crate::testing::providers::random;
use crate::testing::providers::request::ProviderRequest;
use crate::testing::providers::response::ProviderResponse;

/// The lifetime of an access token: "currently" a year
/// (operation `accessToken` of PandaDoc's published document, 8.8.0).
pub(super) const TOKEN_LIFETIME: Duration = Duration::from_secs(31_535_999);

/// An OAuth application that the workspace's admin has authorized.
pub(super) struct TokenEndpoint {
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) refresh_token: Secret,
    /// The unused authorization codes. Each works once.
    codes: Vec<String>,
}

impl TokenEndpoint {
    pub(super) fn new() -> Self {
        Self {
            client_id: random::base62(21),
            client_secret: random::base62(40).into(),
            refresh_token: random::base62(40).into(),
            codes: Vec::new(),
        }
    }

    pub(super) fn issue_code(&mut self) -> String {
        let code = random::base62(21);
        self.codes.push(code.clone());
        code
    }

    pub(super) fn respond(
        &mut self,
        request: &ProviderRequest<'_>,
        credentials: &mut Credentials,
        now: SystemTime,
    ) -> ProviderResponse {
        let (status, body) = match self.grant(request) {
            Err(error) => (StatusCode::BAD_REQUEST, json!({ "error": error })),
            Ok(()) => {
                let token = credentials.issue_token(now, TOKEN_LIFETIME);
                // PandaDoc doesn't document whether a refresh token can be used twice. Here it can't, so
                // a client that stores the new one works either way.
                self.refresh_token = random::base62(40).into();
                let body = json!({
                    "access_token": token.expose_secret(),
                    "token_type": "Bearer",
                    "expires_in": TOKEN_LIFETIME.as_secs(),
                    "scope": "read+write",
                    "refresh_token": self.refresh_token.expose_secret(),
                });
                (StatusCode::OK, body)
            }
        };
        with_request_id(ProviderResponse::json(status, &body))
    }

    /// Checks a grant, and uses up its authorization code.
    ///
    /// The errors are those of RFC 6749, section 5.2; PandaDoc's document shows two of them. Another
    /// media type than the documented form is `invalid_request`, because the document has no 415.
    fn grant(&mut self, request: &ProviderRequest<'_>) -> Result<(), &'static str> {
        if !request.has_media_type("application/x-www-form-urlencoded") {
            return Err("invalid_request");
        }
        let form: Vec<_> = form_urlencoded::parse(request.body).collect();
        let value = |name: &str| {
            let found = form.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| Secret::from(value.as_ref()))
        };
        let grant_type = value("grant_type").ok_or("invalid_request")?;
        let is_client = value("client_id") == Some(self.client_id.as_str().into())
            && value("client_secret").as_ref() == Some(&self.client_secret);
        if !is_client {
            return Err("invalid_client");
        }
        match grant_type.expose_secret() {
            "refresh_token" => match value("refresh_token") {
                Some(token) if token == self.refresh_token => Ok(()),
                Some(_) => Err("invalid_grant"),
                None => Err("invalid_request"),
            },
            "authorization_code" => {
                let code = value("code").ok_or("invalid_request")?;
                let index = self.codes.iter().position(|it| it == code.expose_secret());
                self.codes.remove(index.ok_or("invalid_grant")?);
                Ok(())
            }
            _ => Err("unsupported_grant_type"),
        }
    }
}
