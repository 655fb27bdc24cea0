//! Keeps a token while it is valid, and lets one caller at a time renew it.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{timeout, Instant};

use super::credential::{Credential, CredentialError};

/// The longest time before its expiry at which a token is renewed. Short-lived tokens are renewed in the last
/// tenth of their life.
const EARLY: Duration = Duration::from_secs(60);

/// How long the caller that renews a token early waits for the new one. After that it uses the old one.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long no other early renewal is started after one that failed, counted from its start.
const PAUSE: Duration = Duration::from_secs(10);

/// A token and how long it is valid.
#[derive(Clone)]
pub(crate) struct Token {
    credential: Credential,
    /// `None` if the server doesn't say. The token is then used until it is rejected.
    expires: Option<Instant>,
    renew_from: Option<Instant>,
}

impl Token {
    /// Makes a token that was requested at `asked`, from which its life may count. `expires_in` is in
    /// seconds, and counts as missing if it isn't a duration.
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

/// The current token of one source.
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
    /// How many renewals there have been.
    renewals: u64,
    /// The error of the last renewal, if it failed.
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

    /// Returns another credential in place of `rejected`.
    pub(crate) async fn replace(
        &self,
        source: &impl Renew,
        rejected: &Credential,
    ) -> Result<Credential, CredentialError> {
        // From now on no caller gets it. They all wait for the other one.
        self.state()
            .token
            .take_if(|token| token.credential == *rejected);
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
                // Another caller renewed it between the look at the token and the lock.
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
    /// even a failure, so a thousand callers don't make a thousand requests.
    async fn in_turn(&self, source: &impl Renew) -> Result<Credential, CredentialError> {
        let renewals = self.state().renewals;
        let _renewal = self.renewal.lock().await;
        {
            let mut state = self.state();
            if state.renewals != renewals {
                match (&state.failure, &state.token) {
                    (Some(failure), _) => return Err(failure.clone()),
                    // Valid or not, no token is newer.
                    (None, Some(token)) => return Ok(token.credential.clone()),
                    (None, None) => {}
                }
            }
            match &state.token {
                Some(token) if token.is_valid() => return Ok(token.credential.clone()),
                // Expired: no caller gets it again.
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
