//! Credentials: the key or token of a request, the source it comes from, and the cache of tokens.
//!
//! This layer lies below `runtime`, which asks it for the credential of each attempt. So nothing here knows
//! of a call or of its error: [`TokenAnswer`] is read from bytes.

mod credential;
mod token_answer;
mod token_cache;

pub use credential::{BoxFuture, Credential, CredentialError, CredentialSource, InvalidCredential};

pub(crate) use token_answer::TokenAnswer;
pub(crate) use token_cache::{Renew, Token, TokenCache};
