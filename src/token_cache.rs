//! Keeps a token while it is valid, and lets one caller at a time renew it.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{timeout, Instant};

use crate::runtime::{Credential, CredentialError};

/// How long before it expires a token is renewed: a tenth of its life, and not more than this.
const EARLY: Duration = Duration::from_secs(60);

/// How long the caller that renews a token early waits for the new one before it uses the old one.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long after its start an early renewal that failed is not retried.
const PAUSE: Duration = Duration::from_secs(10);

/// A token and how long it is valid.
#[derive(Clone)]
pub(crate) struct Token {
    credential: Credential,
    /// None if the server doesn't say: the token is used until it is refused.
    expires: Option<Instant>,
    renew_from: Option<Instant>,
}

impl Token {
    /// `asked` is when the request was sent: the token's life may have begun then. `expires_in` is in
    /// seconds; one that isn't a duration counts as missing.
    pub(crate) fn new(credential: Credential, asked: Instant, expires_in: Option<f64>) -> Self {
        let life = expires_in.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let after = |life| asked.checked_add(life);
        Self {
            credential,
            expires: life.and_then(after),
            renew_from: life.and_then(|life| after(life - EARLY.min(life / 10))),
        }
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.expires.is_none_or(|expires| Instant::now() < expires)
    }

    fn is_early(&self) -> bool {
        self.renew_from.is_some_and(|from| from <= Instant::now())
    }
}

/// Obtains the next token.
pub(crate) trait Renew {
    fn renew(&self) -> impl Future<Output = Result<Token, CredentialError>> + Send;
}

/// The present token of one source.
#[derive(Default)]
pub(crate) struct TokenCache {
    state: Mutex<State>,
    /// Held while a renewal is under way. If its holder is dropped, the next caller in line starts
    /// another renewal.
    renewal: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// How many renewals there have been, and how the last of them failed, if it did.
    renewals: u64,
    failure: Option<CredentialError>,
}

impl TokenCache {
    /// Returns a credential that is valid now.
    pub(crate) async fn credential(
        &self,
        source: &impl Renew,
    ) -> Result<Credential, CredentialError> {
        let token = self.state().token.clone();
        match token {
            Some(token) if token.is_valid() && !token.is_early() => Ok(token.credential),
            Some(token) if token.is_valid() => Ok(self.early(source, token).await),
            _ => self.in_turn(source).await,
        }
    }

    /// Returns another credential in place of `refused`.
    pub(crate) async fn replace(
        &self,
        source: &impl Renew,
        refused: &Credential,
    ) -> Result<Credential, CredentialError> {
        // From now on nobody is given it; all wait for the other.
        self.state()
            .token
            .take_if(|token| token.credential == *refused);
        self.in_turn(source).await
    }

    /// Lets one caller renew a token that is still valid. The others use it meanwhile, and so does that
    /// caller if the renewal fails or takes long.
    async fn early(&self, source: &impl Renew, token: Token) -> Credential {
        let Ok(_renewal) = self.renewal.try_lock() else {
            return token.credential;
        };
        {
            let mut state = self.state();
            match &mut state.token {
                // Somebody was here between the look at the token and the lock.
                Some(token) if !token.is_early() => return token.credential.clone(),
                // Before anything is awaited: this caller may be dropped.
                Some(token) => token.renew_from = Instant::now().checked_add(PAUSE),
                None => {}
            }
        }
        match timeout(PATIENCE, self.renewed(source)).await {
            Ok(Ok(credential)) => credential,
            Ok(Err(_)) | Err(_) => token.credential,
        }
    }

    /// Renews the token unless another caller has. Callers that waited for a renewal share its result,
    /// even a failure, so that a thousand callers don't make a thousand requests.
    async fn in_turn(&self, source: &impl Renew) -> Result<Credential, CredentialError> {
        let renewals = self.state().renewals;
        let _renewal = self.renewal.lock().await;
        {
            let mut state = self.state();
            if state.renewals != renewals {
                match (&state.failure, &state.token) {
                    (Some(failure), _) => return Err(failure.clone()),
                    // Good or not: it is as new as a token can be.
                    (None, Some(token)) => return Ok(token.credential.clone()),
                    (None, None) => {}
                }
            }
            match &state.token {
                Some(token) if token.is_valid() => return Ok(token.credential.clone()),
                // Expired: nobody is to be given it again.
                _ => state.token = None,
            }
        }
        self.renewed(source).await
    }

    async fn renewed(&self, source: &impl Renew) -> Result<Credential, CredentialError> {
        let result = source.renew().await;
        let mut state = self.state();
        state.renewals += 1;
        state.failure = result.as_ref().err().cloned();
        Ok(state.token.insert(result?).credential.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
