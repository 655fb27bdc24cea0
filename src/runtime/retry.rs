//! How often a call is retried, and when.

use std::time::Duration;

use tokio::time::Instant;

/// Further than any process runs, and not too far for a clock.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// How long and how often a call may be retried. A small value: copy it, change a part.
///
/// *What* may be retried is not a matter of policy. It follows from the operation and the
/// [`Outcome`](crate::Outcome) of the attempt:
///
/// | operation | no connection | 429 | [`Unknown`](crate::Outcome::Unknown), 503 with `Retry-After` included | success whose body was cut or isn't JSON |
/// |---|---|---|---|---|
/// | GET; Ratepay's token requests | retried | retried | retried | retried |
/// | PUT, DELETE; PandaDoc's `update_webhook_subscription` | retried | retried | retried | never |
/// | every other POST; PandaDoc's `update_webhook_subscription_shared_key` | retried | retried | never | never |
///
/// No redirect is retried, though some are `Unknown`: the next answer would be the same. Nor is a proxy's
/// 407.
///
/// Between attempts a call waits as long as the server asks, or else a random time up to a bound that
/// begins with [`first_backoff`](Self::first_backoff) and doubles until
/// [`longest_backoff`](Self::longest_backoff) (exponential back-off with full jitter).
///
/// ```
/// use std::time::Duration;
/// use webhook_subscriptions::RetryPolicy;
///
/// let patient = RetryPolicy::default().attempts(10).deadline(Duration::from_secs(600));
/// assert_ne!(patient, RetryPolicy::none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    pub(super) attempts: u32,
    pub(super) first_backoff: Duration,
    pub(super) longest_backoff: Duration,
    pub(super) deadline: Duration,
}

/// 4 attempts; waits of up to 0.5 s, 1 s and 2 s; 2 minutes for the whole call.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_backoff: Duration::from_millis(500),
            longest_backoff: Duration::from_secs(30),
            deadline: Duration::from_secs(120),
        }
    }
}

impl RetryPolicy {
    /// Each call is sent once. (A token that is rejected is renewed all the same, where its source can
    /// do that, and the call sent once more: a rejected call was not acted on.)
    #[must_use]
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// How often a call is sent at the most, the first time included. 0 counts as 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The longest wait after the first attempt, where the server names none.
    #[must_use]
    pub fn first_backoff(mut self, backoff: Duration) -> Self {
        self.first_backoff = backoff;
        self
    }

    /// The longest wait after any attempt, where the server names none.
    #[must_use]
    pub fn longest_backoff(mut self, backoff: Duration) -> Self {
        self.longest_backoff = backoff;
        self
    }

    /// How long a call may take, attempts and waits included. A wait that does not fit into what is
    /// left is not begun: the error comes back at once. With a deadline of zero nothing is sent, and every
    /// call ends as [`ErrorKind::HeldBack`](crate::ErrorKind::HeldBack).
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// When a call that begins now must have ended. A deadline that no clock reaches is in 30 years.
    pub(super) fn deadline_from_now(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.deadline).unwrap_or(now + FAR)
    }

    /// The longest back-off after the attempt of this number, which begins with 1.
    pub(super) fn backoff(&self, attempt: u32) -> Duration {
        let doublings = 2u32.saturating_pow(attempt.saturating_sub(1));
        self.first_backoff
            .saturating_mul(doublings)
            .min(self.longest_backoff)
    }
}
