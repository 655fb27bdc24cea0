//! PandaDoc's tokens: refresh tokens (RFC 6749, section 6), used and handed on.
//!
//! Source: `specs/pandadoc-oauth.yaml`, written by hand from PandaDoc's published document.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::runtime::linkage::generated_client;
use crate::runtime::{BoxFuture, ClientBuilder, Credential, CredentialError, CredentialSource};
use crate::secret::Secret;
use crate::token_cache::{Renew, Token, TokenCache};

pub use generated::Client;

/// The types of requests and responses.
pub mod types {
    // The document has no enum of text so far.
    #[allow(unused_imports, unreachable_pub)]
    pub use super::generated::open_enums::*;
    pub use super::generated::types::*;
}

generated_client!("pandadoc_oauth.rs", super::quirks::QUIRKS);

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
/// renewed a little before it expires, and once more where the server refuses it. One exchange is
/// under way at a time, however many calls wait, and one whose outcome is unknown is not repeated. An
/// exchange that a call began is finished, in a task of the tokio runtime, though the call be dropped:
/// half of one could lose the refresh token.
pub struct RefreshToken<S>(Arc<Inner<S>>);

struct Inner<S> {
    client: Client,
    client_id: String,
    client_secret: Secret,
    store: S,
    exchange: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    cache: TokenCache,
}

struct State {
    refresh_token: Secret,
    /// Whether the refresh token has still to be stored.
    unstored: bool,
    /// The access token of the last exchange, until somebody takes it.
    token: Option<Token>,
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
        Self(Arc::new(Inner {
            client,
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            store,
            exchange: tokio::sync::Mutex::default(),
            state: Mutex::new(State {
                refresh_token: refresh_token.into(),
                unstored: false,
                token: None,
            }),
            cache: TokenCache::default(),
        }))
    }
}

impl<S: RefreshTokenStore> Inner<S> {
    /// Sees to it that the state has an access token, and that its refresh token is stored.
    async fn exchange(&self) -> Result<(), CredentialError> {
        let _one_at_a_time = self.exchange.lock().await;
        // What an earlier exchange could not store comes first, and counts though this one fails.
        self.store_renewed().await?;
        let has_token = self.state().token.is_some();
        if has_token {
            // Left behind by a call that was dropped.
            return Ok(());
        }
        let refreshed = self.refresh().await;
        self.store_renewed().await?;
        refreshed
    }

    async fn store_renewed(&self) -> Result<(), CredentialError> {
        let unstored = {
            let state = self.state();
            state.unstored.then(|| state.refresh_token.clone())
        };
        if let Some(refresh_token) = unstored {
            let stored = self.store.store(&refresh_token).await;
            stored.map_err(CredentialError::new)?;
            self.state().unstored = false;
        }
        Ok(())
    }

    async fn refresh(&self) -> Result<(), CredentialError> {
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
        // First of all: without the refresh token nothing can be mended.
        if let Some(renewed) = answer.refresh_token {
            state.unstored |= renewed != state.refresh_token;
            state.refresh_token = renewed;
        }
        let credential = Credential::bearer(&answer.access_token).map_err(CredentialError::new)?;
        state.token = Some(Token::new(credential, asked, answer.expires_in));
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: RefreshTokenStore> Renew for RefreshToken<S> {
    async fn renew(&self) -> Result<Token, CredentialError> {
        let inner = self.0.clone();
        let exchange = tokio::spawn(async move { inner.exchange().await });
        exchange.await.map_err(CredentialError::new)??;
        let token = self.0.state().token.take();
        token.ok_or_else(|| CredentialError::new("another call took the token"))
    }
}

impl<S: RefreshTokenStore> CredentialSource for RefreshToken<S> {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
        Box::pin(self.0.cache.credential(self))
    }

    fn renew<'a>(
        &'a self,
        refused: &'a Credential,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        Box::pin(async { self.0.cache.replace(self, refused).await.map(Some) })
    }
}

impl<S> fmt::Debug for RefreshToken<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken")
            .field("client_id", &self.0.client_id)
            .finish_non_exhaustive()
    }
}
