//! The settings of a client, and the state that it shares with its clones.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tower::retry::budget::{Budget, TpsBudget};

use super::base_url::BaseUrl;
use super::limiter::Limiter;
use super::retry_policy::RetryPolicy;
use crate::auth::{Credential, CredentialSource};
use crate::runtime::exchange::{Quirks, Templates};

/// How far the retry budget looks back.
const BUDGET_WINDOW: Duration = Duration::from_secs(10);
/// Retries per second that are always allowed: enough for a service that calls now and then.
const BUDGET_PER_SECOND: u32 = 10;
/// Retries per call beyond that. With a failing server, one call in five is retried.
const BUDGET_PER_CALL: f32 = 0.2;

/// The part of a generated client besides its base URL and HTTP client. Settings are held by value. The state
/// is shared with clones, and with no other client.
#[derive(Clone)]
pub(crate) struct ClientState {
    pub(crate) timeout: Duration,
    /// How much of the time-out a connection may take.
    pub(crate) connect_timeout: Duration,
    pub(crate) response_limit: usize,
    pub(crate) policy: RetryPolicy,
    /// The path of each operation with its parameters in braces, by the name of the method.
    pub(crate) templates: Templates,
    pub(crate) quirks: &'static Quirks,
    pub(crate) shared: Arc<SharedState>,
}

/// The state that a client shares with its clones.
pub(crate) struct SharedState {
    /// The server, for traces.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) credentials: Credentials,
    pub(crate) limiter: Limiter,
    budget: TpsBudget,
    jitter: Mutex<fastrand::Rng>,
}

/// The source of a client's credentials.
pub(crate) enum Credentials {
    /// Requests to a token endpoint have no `Authorization` header.
    None,
    Fixed(Credential),
    Source(Box<dyn CredentialSource>),
}

impl SharedState {
    pub(super) fn new(base_url: &BaseUrl, credentials: Credentials, jitter: fastrand::Rng) -> Self {
        Self {
            host: base_url.host(),
            port: base_url.port(),
            credentials,
            limiter: Limiter::new(),
            budget: TpsBudget::new(BUDGET_WINDOW, BUDGET_PER_SECOND, BUDGET_PER_CALL),
            jitter: Mutex::new(jitter),
        }
    }

    /// Adds a call to the retry budget.
    pub(crate) fn deposit(&self) {
        self.budget.deposit();
    }

    /// Takes a retry from the budget, and tells whether it had one.
    pub(crate) fn withdraw(&self) -> bool {
        self.budget.withdraw()
    }

    /// Returns a random part of `bound` (full jitter).
    pub(crate) fn jitter(&self, bound: Duration) -> Duration {
        let mut jitter = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
        bound.mul_f64(jitter.f64())
    }
}

impl ClientState {
    /// Returns the same state under another policy.
    pub(crate) fn with_policy(&self, policy: RetryPolicy) -> Self {
        Self {
            policy,
            ..self.clone()
        }
    }
}

impl fmt::Debug for ClientState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientState")
            .field("host", &self.shared.host)
            .field("port", &self.shared.port)
            .field("timeout", &self.timeout)
            .field("response_limit", &self.response_limit)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
