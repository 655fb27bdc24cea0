//! PandaDoc's OAuth 2.0 tokens: obtains access tokens with a refresh token (RFC 6749, section 6).
//!
//! Source: `specs/pandadoc-oauth.yaml`, written by hand from PandaDoc's published document.

mod store;

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use crate::auth::{
    BoxFuture, Credential, CredentialError, CredentialSource, Renew, Token, TokenAnswer, TokenCache,
};
use crate::runtime::progenitor_client::generated_client;
use crate::runtime::{ClientBuilder, Error};
use crate::secret::Secret;

/// Calls PandaDoc's token endpoint.
///
/// Use [`RefreshToken`] to give a client a valid access token for each call.
///
/// ```
/// use webhook_subscriptions::pandadoc::oauth::Client;
///
/// # fn build() -> Result<Client, webhook_subscriptions::BuildError> {
/// let client = Client::builder().build()?;
/// # Ok(client)
/// # }
/// ```
pub use generated::Client;
pub use store::RefreshTokenStore;

/// The types of requests and responses.
pub mod types {
    // The document has no string enum so far.
    #[allow(unused_imports, unreachable_pub)]
    pub use super::generated::open_enums::*;
    pub use super::generated::types::*;
}

generated_client!("pandadoc_oauth.rs", super::quirks::QUIRKS);

impl Client {
    /// Starts a client of the token endpoint. Calls go to `https://api.pandadoc.com` unless a
    /// [`base_url`](ClientBuilder::base_url) is given. Its requests authenticate by their bodies.
    #[must_use]
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(Some(super::SERVER)).without_credential()
    }
}

/// Obtains access tokens for PandaDoc with a refresh token.
///
/// - The first call requests an access token, and calls share it while it is valid (a year, according to
///   PandaDoc). It is renewed shortly before it expires, and once per call when PandaDoc rejects it.
/// - At most one exchange is under way, however many calls wait for it. An exchange whose outcome is
///   unknown isn't retried.
/// - An exchange runs in a task of the tokio runtime, so dropping the call can't lose the new refresh token.
///   Shutting down the runtime does stop it, and so does the end of the process. Before you shut down, let
///   the calls that are under way finish.
/// - A new refresh token is stored if it can be read from a success. The rest of the response may be
///   malformed or cut short. Of duplicates, the last one is taken, as most JSON parsers do. The exchange
///   succeeds if the access token can be read too.
/// - `expires_in` may be a number or a number in a string. If it is missing or anything else, the access
///   token is used until PandaDoc rejects it.
///
/// Use one `RefreshToken` for each refresh token: two of them would invalidate each other's. Clones of
/// a client share it, and several clients share it in an [`Arc`].
///
/// ```no_run
/// use webhook_subscriptions::pandadoc::{self, oauth, oauth::RefreshGrant, oauth::RefreshToken};
/// use webhook_subscriptions::Secret;
///
/// # fn build(
/// #     stored: Secret,
/// #     store: impl oauth::RefreshTokenStore,
/// # ) -> Result<pandadoc::Client, Box<dyn std::error::Error>> {
/// let grant = RefreshGrant {
///     client_id: "my-client-id".to_owned(),
///     client_secret: std::env::var("PANDADOC_CLIENT_SECRET")?.into(),
///     refresh_token: stored,
/// };
/// let token_endpoint = oauth::Client::builder().build()?;
/// let client = pandadoc::Client::builder()
///     .credential_source(RefreshToken::new(token_endpoint, grant, store))
///     .build()?;
/// # Ok(client)
/// # }
/// ```
pub struct RefreshToken<S>(Arc<Inner<S>>);

/// A refresh token, and the application that PandaDoc issued it to.
///
/// The struct is exhaustive, because a refresh needs these three texts and no others (RFC 6749, section 6).
#[derive(Debug, Clone)]
pub struct RefreshGrant {
    /// The id of the application.
    pub client_id: String,
    /// The secret of the application.
    pub client_secret: Secret,
    /// The refresh token that was stored last.
    pub refresh_token: Secret,
}

struct Inner<S> {
    client: Client,
    client_id: String,
    client_secret: Secret,
    store: S,
    /// Locked before an exchange is spawned, and until it ends: there is never a second task.
    state: Arc<tokio::sync::Mutex<State>>,
    cache: TokenCache,
}

struct State {
    refresh_token: Secret,
    /// Whether the refresh token isn't stored yet.
    unstored: bool,
    /// The access token of an exchange whose call was dropped or couldn't store the refresh token.
    unused: Option<Token>,
}

impl<S: RefreshTokenStore> RefreshToken<S> {
    /// Starts with a refresh token that was stored before. `client` requests the access tokens.
    pub fn new(client: Client, grant: RefreshGrant, store: S) -> Self {
        Self(Arc::new(Inner {
            client,
            client_id: grant.client_id,
            client_secret: grant.client_secret,
            store,
            state: Arc::new(tokio::sync::Mutex::new(State {
                refresh_token: grant.refresh_token,
                unstored: false,
                unused: None,
            })),
            cache: TokenCache::default(),
        }))
    }
}

impl<S: RefreshTokenStore> Inner<S> {
    /// Returns an access token whose refresh token is stored. The state keeps it too, in case the call is
    /// dropped.
    async fn exchange(&self, state: &mut State) -> Result<Token, CredentialError> {
        // The token that an earlier exchange couldn't store comes first, and stays stored if this one fails.
        self.store_renewed(state).await?;
        if let Some(token) = state.unused.clone().filter(Token::is_valid) {
            return Ok(token);
        }
        let refreshed = self.refresh(state).await;
        self.store_renewed(state).await?;
        refreshed
    }

    async fn store_renewed(&self, state: &mut State) -> Result<(), CredentialError> {
        if state.unstored {
            let stored = store::run(&self.store, &state.refresh_token).await;
            stored.map_err(CredentialError::new)?;
            state.unstored = false;
        }
        Ok(())
    }

    async fn refresh(&self, state: &mut State) -> Result<Token, CredentialError> {
        let request = types::RefreshRequest {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            grant_type: "refresh_token".to_owned(),
            refresh_token: state.refresh_token.clone(),
        };
        let asked = Instant::now();
        let answer = match self.client.access_token(&request).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                TokenAnswer {
                    access_token: Ok(answer.access_token),
                    refresh_token: answer.refresh_token,
                    expires_in: answer.expires_in,
                }
            }
            Err(error) => TokenAnswer::salvage(error, Error::expose_success_body),
        };
        // Before anything else, since nothing works without the refresh token.
        if let Some(renewed) = &answer.refresh_token {
            state.unstored |= *renewed != state.refresh_token;
            state.refresh_token = renewed.clone();
        }
        let token = answer.into_token(asked)?;
        state.unused = Some(token.clone());
        Ok(token)
    }
}

impl<S: RefreshTokenStore> Renew for RefreshToken<S> {
    async fn renew(&self) -> Result<Token, CredentialError> {
        // Awaited outside the task, so a call that is dropped here leaves nothing behind.
        let mut state = self.0.state.clone().lock_owned().await;
        let inner = self.0.clone();
        let exchange = tokio::spawn(async move {
            let token = inner.exchange(&mut state).await;
            (token, state)
        });
        // The error of the task is dropped, since it has the message of a panic.
        let ended = exchange.await.map_err(|_| CredentialError::new(Unfinished));
        let (token, mut state) = ended?;
        let token = token?;
        state.unused = None;
        Ok(token)
    }
}

/// The task of an exchange ended without a result.
#[derive(Debug, thiserror::Error)]
#[error(
    "the exchange of the refresh token didn't finish, because its runtime is shutting down or its task \
     panicked; PandaDoc may have replaced the refresh token, so check that the stored one still works"
)]
struct Unfinished;

impl<S: RefreshTokenStore> CredentialSource for RefreshToken<S> {
    fn credential(&self) -> BoxFuture<'_, Result<Credential, CredentialError>> {
        Box::pin(self.0.cache.credential(self))
    }

    fn renew<'a>(
        &'a self,
        rejected: &'a Credential,
    ) -> BoxFuture<'a, Result<Option<Credential>, CredentialError>> {
        Box::pin(async { self.0.cache.replace(self, rejected).await.map(Some) })
    }
}

impl<S> fmt::Debug for RefreshToken<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken")
            .field("client_id", &self.0.client_id)
            .finish_non_exhaustive()
    }
}
