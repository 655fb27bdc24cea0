//! The store of the current refresh token, and the call of that code, which may hang or panic.

use std::error::Error;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

use crate::auth::BoxFuture;
use crate::secret::Secret;

/// How long a store may take to store a refresh token.
const STORE_LIMIT: Duration = Duration::from_secs(10);

/// Stores the current refresh token where it outlives this process.
///
/// PandaDoc may answer a refresh with a new refresh token, and the old one may be invalid from then on. So
/// [`RefreshToken`](super::RefreshToken) stores the new one before it uses the access token that came with
/// it.
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
/// /// A file in a folder that only the service can read.
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
    /// - The future is dropped after 10 seconds. Work that then goes on in another thread or in a database
    ///   must not overwrite a later token.
    /// - `store` must not block its thread, which no time limit can interrupt.
    /// - The same token may be handed over more than once.
    /// - `store` must not make calls that need an access token of the same
    ///   [`RefreshToken`](super::RefreshToken), since they would wait for it.
    ///
    /// # Errors
    ///
    /// Returns an error if the token couldn't be stored. The call that needed an access token then fails with
    /// [`ErrorKind::NoCredential`](crate::ErrorKind::NoCredential) and sends nothing. This error is
    /// among its [sources](std::error::Error::source), so its `Display` and `Debug` must not print the
    /// token. A store that panics or exceeds the time limit fails the same way, and the message of the
    /// panic isn't in the error.
    fn store<'a>(
        &'a self,
        refresh_token: &'a Secret,
    ) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>>;
}

/// Runs the store, which is the caller's code: it may hang or panic.
pub(super) async fn run(
    store: &impl RefreshTokenStore,
    refresh_token: &Secret,
) -> Result<(), StoreError> {
    // `store` itself may panic as well as its future.
    let mut storing = pin!(async { store.store(refresh_token).await });
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

/// Why a new refresh token isn't stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error("the store failed to store the new refresh token; {KEPT}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    #[error("the store took longer than {STORE_LIMIT:?} to store the new refresh token; {KEPT}")]
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
