//! The credentials of a workspace, and the permissions of their users.

use std::time::{Duration, SystemTime};

use super::error;
use crate::secret::Secret;
use crate::testing::providers::access_tokens::AccessTokens;
use crate::testing::providers::random;
use crate::testing::providers::request::ProviderRequest;
use crate::testing::providers::response::ProviderResponse;

/// The role of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// May manage webhooks.
    Admin,
    /// May not.
    Member,
}

/// The user and the kind of credential of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) role: Role,
    pub(super) is_sandbox: bool,
    /// The name under which the rate limit counts. All production credentials of one user share it.
    pub(super) counted_as: &'static str,
}

const ADMIN: Caller = Caller {
    role: Role::Admin,
    is_sandbox: false,
    counted_as: "admin",
};

/// The credentials of an admin and of a member.
pub(super) struct Credentials {
    pub(super) api_key: Secret,
    pub(super) sandbox_api_key: Secret,
    pub(super) member_api_key: Secret,
    tokens: AccessTokens<Caller>,
}

impl Credentials {
    pub(super) fn new() -> Self {
        Self {
            api_key: new_api_key(),
            sandbox_api_key: new_api_key(),
            member_api_key: new_api_key(),
            tokens: AccessTokens::default(),
        }
    }

    /// Issues an access token for the admin.
    pub(super) fn issue_token(&mut self, now: SystemTime, lifetime: Duration) -> Secret {
        let token = random::base62(40);
        self.tokens.issue(token.clone(), ADMIN, now, lifetime);
        token.into()
    }

    pub(super) fn caller(
        &self,
        request: &ProviderRequest<'_>,
        now: SystemTime,
    ) -> Result<Caller, ProviderResponse> {
        if let Some(key) = request.credential("API-Key") {
            let key = Secret::from(key);
            return if key == self.api_key {
                Ok(ADMIN)
            } else if key == self.sandbox_api_key {
                Ok(Caller {
                    is_sandbox: true,
                    counted_as: "admin, sandbox",
                    ..ADMIN
                })
            } else if key == self.member_api_key {
                Ok(Caller {
                    role: Role::Member,
                    counted_as: "member",
                    ..ADMIN
                })
            } else {
                Err(error::unauthorized("Invalid key."))
            };
        }
        match request.credential("Bearer") {
            Some(token) => {
                let caller = self.tokens.holder(token, now).copied();
                caller.ok_or_else(|| error::unauthorized("Invalid token."))
            }
            None => Err(error::unauthorized(
                "Authentication credentials were not provided.",
            )),
        }
    }
}

/// Returns a key in the form of the example in the security scheme `apiKey`: 40 hexadecimal digits.
fn new_api_key() -> Secret {
    random::hex(40).into()
}
