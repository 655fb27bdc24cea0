//! PandaDoc's token endpoint, by operation `accessToken` of its published document.

use std::time::SystemTime;

use http::StatusCode;
use serde_json::json;
use url::form_urlencoded;

use super::access::Access;
use super::{answer, ok, TOKEN_LIFETIME};
use crate::secret::Secret;
use crate::testing::answer::Answer;
use crate::testing::handle::Call;
use crate::testing::random;

/// One application, which the admin of the workspace let in.
pub(super) struct OAuth {
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) refresh_token: Secret,
    /// Those that were not used yet: each works once.
    codes: Vec<String>,
}

impl OAuth {
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

    pub(super) fn answer(
        &mut self,
        call: &Call<'_>,
        access: &mut Access,
        now: SystemTime,
    ) -> Answer {
        match self.grant(call) {
            Err(error) => answer(StatusCode::BAD_REQUEST, &json!({ "error": error })),
            Ok(()) => {
                let token = access.issue_token(now, TOKEN_LIFETIME);
                // Not documented: whether a refresh token can be used twice. Here it cannot, so what
                // keeps the new one works at either.
                self.refresh_token = random::base62(40).into();
                ok(&json!({
                    "access_token": token.expose_secret(),
                    "token_type": "Bearer",
                    "expires_in": TOKEN_LIFETIME.as_secs(),
                    "scope": "read+write",
                    "refresh_token": self.refresh_token.expose_secret(),
                }))
            }
        }
    }

    /// The errors are those of RFC 6749, section 5.2, of which PandaDoc's document shows two. A body of
    /// another media type than the documented form is `invalid_request`: the document has no 415.
    fn grant(&mut self, call: &Call<'_>) -> Result<(), &'static str> {
        if !call.is_sent_as("application/x-www-form-urlencoded") {
            return Err("invalid_request");
        }
        let form: Vec<_> = form_urlencoded::parse(call.body).collect();
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
