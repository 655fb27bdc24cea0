//! PandaDoc's tokens: refresh tokens (RFC 6749, section 6), used and handed on.
//!
//! Source: `specs/pandadoc-oauth.yaml`, written by hand from PandaDoc's published document.

use std::error::Error;
use std::fmt;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{timeout, Instant};

use crate::runtime::linkage::generated_client;
use crate::runtime::{BoxFuture, ClientBuilder, Credential, CredentialError, CredentialSource};
use crate::secret::Secret;
use crate::token_answer::TokenAnswer;
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

/// How long a store may take to keep a refresh token.
const STORE_LIMIT: Duration = Duration::from_secs(10);

/// Keeps the current refresh token where it outlives this process.
///
/// PandaDoc may answer a refresh with a new refresh token, and the old one may be worthless from then
/// on. So [`RefreshToken`] stores the new one before it uses the access token that came with it.
///
/// A token that couldn't be stored stays in memory. The next call that needs an access token stores it
/// before it exchanges anything else. Until then the token is lost if the process ends. That can go
/// unnoticed: a call whose access token is still valid goes on when an early renewal fails. With the
/// feature `tracing`, every failed attempt to store is therefore an event of level `WARN`, whose field
/// `error.type` is `error`, `timeout` or `panic`. The event doesn't contain the store's own error.
///
/// ```
/// use std::{error::Error, fs, path::PathBuf, sync::Arc};
///
/// use tokio::{sync::Mutex, task::spawn_blocking};
/// use webhook_subscriptions::{pandadoc::oauth::RefreshTokenStore, BoxFuture, Secret};
///
/// /// A file in a folder that nobody but the service can read.
/// struct File(Arc<Mutex<PathBuf>>);
///
/// impl RefreshTokenStore for File {
///     fn store<'a>(
///         &'a self,
///         refresh_token: &'a Secret,
///     ) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>> {
///         Box::pin(async {
///             // Locked until the file is written: a write that hangs can't overwrite a later one.
///             let path = self.0.clone().lock_owned().await;
///             let token = refresh_token.clone();
///             let written = spawn_blocking(move || {
///                 let new = path.with_extension("new");
///                 fs::write(&new, token.expose_secret())?;
///                 fs::rename(new, &*path)
///             });
///             Ok(written.await??)
///         })
///     }
/// }
/// ```
pub trait RefreshTokenStore: Send + Sync + 'static {
    /// Stores the token in place of the one before it.
    ///
    /// - The future is dropped after 10 seconds. What goes on in another thread or at a database then
    ///   must not overwrite a later token.
    /// - It must not block its thread, which no time limit can interrupt.
    /// - The same token may be handed over more than once.
    /// - It must not make calls that need an access token of the same [`RefreshToken`]: they would wait
    ///   for it.
    ///
    /// # Errors
    ///
    /// The token couldn't be stored. The call that needed an access token then fails with
    /// [`ErrorKind::NoCredential`](crate::ErrorKind::NoCredential) and sends nothing. This error is
    /// among its [sources](std::error::Error::source), so its `Display` and `Debug` must not print the
    /// token. A store that panics or exceeds the time limit fails the same way, and the message of the
    /// panic isn't in the error.
    fn store<'a>(
        &'a self,
        refresh_token: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>>;
}

/// Obtains access tokens for PandaDoc with a refresh token.
///
/// - The first call asks for an access token, and calls share it while it is valid (a year, says
///   PandaDoc). It is renewed shortly before it expires, and once per call when PandaDoc refuses it.
/// - At most one exchange is under way, however many calls wait for it. An exchange whose outcome is
///   unknown isn't retried.
/// - An exchange runs in a task of the tokio runtime, so dropping the call doesn't stop it: the new
///   refresh token could be lost otherwise. Shutting down the runtime does stop it, and so does the end
///   of the process. Before you shut down, let the calls that are under way finish.
/// - A new refresh token is stored whenever it can be read from a success, even if the rest of the
///   response is malformed or cut short. If it is there more than once, the last one is taken, as most
///   readers of JSON do. The exchange succeeds if the access token can be read too.
/// - `expires_in` may be a number or a number in a string. If it is missing or anything else, the access
///   token is used until PandaDoc refuses it.
///
/// Use one `RefreshToken` for each refresh token: two of them would invalidate each other's. Clones of
/// a client share it, and several clients share it in an [`Arc`].
pub struct RefreshToken<S>(Arc<Inner<S>>);

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
    /// Whether the refresh token has still to be stored.
    unstored: bool,
    /// The access token of an exchange whose call was dropped or couldn't store the refresh token.
    unused: Option<Token>,
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
            state: Arc::new(tokio::sync::Mutex::new(State {
                refresh_token: refresh_token.into(),
                unstored: false,
                unused: None,
            })),
            cache: TokenCache::default(),
        }))
    }
}

impl<S: RefreshTokenStore> Inner<S> {
    /// An access token whose refresh token is stored. The state has it too, in case nobody takes it.
    async fn exchange(&self, state: &mut State) -> Result<Token, CredentialError> {
        // What an earlier exchange couldn't store comes first, and counts even if this one fails.
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
            let stored = self.store(&state.refresh_token).await;
            stored.map_err(CredentialError::new)?;
            state.unstored = false;
        }
        Ok(())
    }

    /// Runs the store, which is somebody else's code: it may hang or panic.
    async fn store(&self, refresh_token: &Secret) -> Result<(), StoreError> {
        // `store` itself may panic as well as its future.
        let mut storing = pin!(async { self.store.store(refresh_token).await });
        let caught = poll_fn(|context| {
            let polled = catch_unwind(AssertUnwindSafe(|| storing.as_mut().poll(context)));
            // The message of a panic may quote the token.
            polled.map_or(Poll::Ready(Err(StoreError::Panicked)), |polled| {
                polled.map_err(StoreError::Failed)
            })
        });
        let stored = timeout(STORE_LIMIT, caught).await;
        let stored = stored.unwrap_or(Err(StoreError::TimedOut));
        if let Err(error) = &stored {
            error.warn();
        }
        stored
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
            Err(error) => TokenAnswer::from(error),
        };
        // Before anything else is looked at: nothing works without the refresh token.
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
        // Waited for here, where a call that is dropped leaves nothing behind.
        let mut state = self.0.state.clone().lock_owned().await;
        let inner = self.0.clone();
        let exchange = tokio::spawn(async move {
            let token = inner.exchange(&mut state).await;
            (token, state)
        });
        // The error of the task has the message of a panic.
        let ended = exchange.await.map_err(|_| CredentialError::new(Unfinished));
        let (token, mut state) = ended?;
        let token = token?;
        state.unused = None;
        Ok(token)
    }
}

/// Why a new refresh token isn't stored.
#[derive(Debug, thiserror::Error)]
enum StoreError {
    #[error("the store failed to keep the new refresh token; {KEPT}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    #[error("the store took longer than {STORE_LIMIT:?} to keep the new refresh token; {KEPT}")]
    TimedOut,
    #[error("the store panicked when it was given the new refresh token; {KEPT}")]
    Panicked,
}

const KEPT: &str = "the token is kept in memory, and the next call tries to store it again";

impl StoreError {
    /// The call may go on with an access token that is still valid, and then has no error.
    #[cfg(feature = "tracing")]
    fn warn(&self) {
        let error_type = match self {
            Self::Failed(_) => "error",
            Self::TimedOut => "timeout",
            Self::Panicked => "panic",
        };
        tracing::warn!(
            error.type = error_type,
            "the new refresh token isn't stored: it is in memory only, until a later call stores it"
        );
    }

    #[cfg(not(feature = "tracing"))]
    fn warn(&self) {}
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
