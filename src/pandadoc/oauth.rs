//! PandaDoc's tokens: refresh tokens (RFC 6749, section 6), used and handed on.
//!
//! Source: `specs/pandadoc-oauth.yaml`, written by hand from PandaDoc's published document.

use std::error::Error;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::runtime::linkage::generated_client;
use crate::runtime::{BoxFuture, ClientBuilder, Credential, CredentialError, CredentialSource};
use crate::secret::Secret;
use crate::token_cache::{Renew, Token, TokenCache};

pub use generated::{types, Client};

generated_client!("pandadoc_oauth.rs");

impl Client {
    /// How to make a client of the token endpoint, `https://api.pandadoc.com` unless a
    /// [`base_url`](ClientBuilder::base_url) is given. It authenticates by what it sends.
    #[must_use]
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(Some(super::SERVER)).without_credential()
    }
}

/// Where a renewed refresh token is kept.
///
/// PandaDoc may answer a refresh with another refresh token, and the one that was used may be worth
/// nothing from then on. So the new one is handed over before the access token that came with it is
/// used.
pub trait RefreshTokenStore: Send + Sync + 'static {
    /// Keeps the token where it outlives this process.
    ///
    /// # Errors
    ///
    /// It cannot be kept. The call that needed a token fails, nothing sent, and the next call tries to
    /// keep it again; it is not lost while the process lives.
    fn store<'a>(
        &'a self,
        refresh_token: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>>;
}

/// Access tokens for PandaDoc, from a refresh token.
///
/// An access token is asked for at the first call, kept while it is valid (PandaDoc gives it a year),
/// renewed a little before it expires, and once more where the server refuses it. One request is
/// under way at a time, however many calls wait. A refresh whose outcome is unknown is not repeated.
/// Nothing runs in the background.
pub struct RefreshToken<S> {
    client: Client,
    client_id: String,
    client_secret: Secret,
    store: S,
    state: Mutex<State>,
    cache: TokenCache,
}

struct State {
    refresh_token: Secret,
    /// An access token that waits until the refresh token that came with it is stored.
    unstored: Option<Token>,
}

impl<S: RefreshTokenStore> RefreshToken<S> {
    /// Begins with a refresh token that was stored before.
    pub fn new(
        client: Client,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        refresh_token: impl Into<Secret>,
        store: S,
    ) -> Self {
        Self {
            client,
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            store,
            state: Mutex::new(State {
                refresh_token: refresh_token.into(),
                unstored: None,
            }),
            cache: TokenCache::default(),
        }
    }

    /// Exchanges the refresh token. Nothing is awaited between the answer and the moment in which its
    /// tokens are in the state, so a dropped call loses neither.
    async fn refresh(&self) -> Result<Token, CredentialError> {
        let request = types::RefreshRequest {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            grant_type: "refresh_token".to_owned(),
            refresh_token: self.state().refresh_token.clone(),
        };
        let asked = Instant::now();
        let answer = self.client.access_token(&request).await;
        let answer = answer.map_err(CredentialError::new)?.into_inner();
        let mut state = self.state();
        let renewed = answer
            .refresh_token
            .filter(|token| *token != state.refresh_token);
        let credential = Credential::bearer(&answer.access_token).map_err(CredentialError::new);
        let token = credential.map(|credential| Token::new(credential, asked, answer.expires_in));
        if let Some(refresh_token) = renewed {
            state.refresh_token = refresh_token;
            state.unstored = token.as_ref().ok().cloned();
        }
        token
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: RefreshTokenStore> Renew for RefreshToken<S> {
    async fn renew(&self) -> Result<Token, CredentialError> {
        let waiting = self.state().unstored.clone();
        let token = match waiting {
            Some(token) => token,
            None => self.refresh().await?,
        };
        let unstored = self.state().unstored.is_some();
        if unstored {
            let refresh_token = self.state().refresh_token.clone();
            self.store
                .store(&refresh_token)
                .await
                .map_err(CredentialError::new)?;
            self.state().unstored = None;
        }
        Ok(token)
    }
}

impl<S: RefreshTokenStore> CredentialSource for RefreshToken<S> {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
        Box::pin(self.cache.credential(self))
    }

    fn renew<'a>(
        &'a self,
        refused: &'a Credential,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        Box::pin(async { self.cache.replace(self, refused).await.map(Some) })
    }
}

impl<S> fmt::Debug for RefreshToken<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
