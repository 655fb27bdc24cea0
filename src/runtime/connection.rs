//! What a generated client knows beside its base URL and its HTTP client.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tower::retry::budget::{Budget, TpsBudget};

use super::base_url::BaseUrl;
use super::credential::{Credential, CredentialSource};
use super::operation::Templates;
use super::quirks::Quirks;
use super::retry::RetryPolicy;
use super::throttle::Throttle;

/// Over how long the budget looks back.
const BUDGET_WINDOW: Duration = Duration::from_secs(10);
/// Repeats per second that are always allowed: enough for a service that calls now and then.
const BUDGET_PER_SECOND: u32 = 10;
/// Repeats per call beyond that: with a failing server, one call in five is sent again.
const BUDGET_PER_CALL: f32 = 0.2;

/// A client's own: settings by value, and the state that it shares with its clones and no one else.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(super) timeout: Duration,
    /// How much of it may go by before a connection stands.
    pub(super) connect_timeout: Duration,
    pub(super) response_limit: usize,
    pub(super) policy: RetryPolicy,
    /// The path of each operation with its parameters in braces, by the name of the method.
    pub(super) templates: Templates,
    pub(super) quirks: &'static Quirks,
    pub(super) shared: Arc<Shared>,
    /// Where requests go in place of the server.
    #[cfg(feature = "testing")]
    pub(super) recorder: Option<super::recorder::Recorder>,
}

pub(super) struct Shared {
    /// The server, for traces.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) credentials: Credentials,
    pub(super) throttle: Throttle,
    budget: TpsBudget,
    jitter: Mutex<fastrand::Rng>,
}

/// Where the credentials of a client come from.
pub(crate) enum Credentials {
    /// A token endpoint is asked without one.
    None,
    Fixed(Credential),
    Source(Box<dyn CredentialSource>),
}

impl Shared {
    pub(super) fn new(base_url: &BaseUrl, credentials: Credentials, jitter: fastrand::Rng) -> Self {
        Self {
            host: base_url.host(),
            port: base_url.port(),
            credentials,
            throttle: Throttle::new(),
            budget: TpsBudget::new(BUDGET_WINDOW, BUDGET_PER_SECOND, BUDGET_PER_CALL),
            jitter: Mutex::new(jitter),
        }
    }

    /// One call more, which adds to what may be repeated.
    pub(super) fn begin(&self) {
        self.budget.deposit();
    }

    /// Whether one more repeat is within the budget.
    pub(super) fn may_repeat(&self) -> bool {
        self.budget.withdraw()
    }

    /// A random part of `bound`: full jitter.
    pub(super) fn jitter(&self, bound: Duration) -> Duration {
        let mut jitter = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
        bound.mul_f64(jitter.f64())
    }
}

impl Connection {
    /// The same client under another policy.
    pub(crate) fn with_policy(&self, policy: RetryPolicy) -> Self {
        Self {
            policy,
            ..self.clone()
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("host", &self.shared.host)
            .field("port", &self.shared.port)
            .field("timeout", &self.timeout)
            .field("response_limit", &self.response_limit)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
