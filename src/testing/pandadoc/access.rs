//! Who calls, and what they may do.

use std::time::{Duration, SystemTime};

use http::request::Parts;

use super::error;
use super::Answered;
use crate::secret::Secret;
use crate::testing::credentials::{authorization, Tokens};
use crate::testing::random;

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Manages webhooks.
    Admin,
    /// Does not.
    Member,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) role: Role,
    pub(super) is_sandbox: bool,
    /// Whose requests are counted together: those of all production credentials of one user.
    pub(super) counted_as: &'static str,
}

const ADMIN: Caller = Caller {
    role: Role::Admin,
    is_sandbox: false,
    counted_as: "admin",
};

/// The credentials of a workspace: those of an admin and of a member.
pub(super) struct Access {
    pub(super) api_key: Secret,
    pub(super) sandbox_api_key: Secret,
    pub(super) member_api_key: Secret,
    tokens: Tokens<Caller>,
}

impl Access {
    pub(super) fn new() -> Self {
        Self {
            api_key: api_key(),
            sandbox_api_key: api_key(),
            member_api_key: api_key(),
            tokens: Tokens::default(),
        }
    }

    /// An access token of the admin's.
    pub(super) fn issue_token(&mut self, now: SystemTime, lifetime: Duration) -> Secret {
        let token = random::base62(40);
        self.tokens.issue(token.clone(), ADMIN, now, lifetime);
        token.into()
    }

    pub(super) fn caller(&self, head: &Parts, now: SystemTime) -> Answered<Caller> {
        if let Some(key) = authorization(head, "API-Key") {
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
        match authorization(head, "Bearer") {
            Some(token) => {
                let caller = self.tokens.find(token, now).copied();
                caller.ok_or_else(|| error::unauthorized("Invalid token."))
            }
            None => Err(error::unauthorized(
                "Authentication credentials were not provided.",
            )),
        }
    }
}

/// The form of the example in the security scheme `apiKey`: 40 hexadecimal digits.
fn api_key() -> Secret {
    let digit = || char::from_digit(fastrand::u32(..16), 16).unwrap_or('0');
    let key: String = std::iter::repeat_with(digit).take(40).collect();
    key.into()
}
