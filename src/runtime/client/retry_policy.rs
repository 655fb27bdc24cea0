//! How often a call may be retried, and when.

use std::time::Duration;

use tokio::time::Instant;

/// Further away than any process runs, and near enough for a clock.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// How long and how often a call may be retried. It is small and `Copy`: change a part of a copy.
///
/// A policy doesn't say *which* calls are retried. That follows from the operation and the
/// [`Outcome`](crate::Outcome) of the attempt:
///
/// | operation | no connection | 429 | [`Unknown`](crate::Outcome::Unknown), 503 with `Retry-After` included | success whose body was cut or isn't JSON |
/// |---|---|---|---|---|
/// | GET; Ratepay's token requests | retried | retried | retried | retried |
/// | PUT, DELETE; PandaDoc's `update_webhook_subscription` | retried | retried | retried | never |
/// | every other POST; PandaDoc's `update_webhook_subscription_shared_key` | retried | retried | never | never |
///
/// Redirects aren't retried, though some are `Unknown`: the next answer would be the same. A proxy's 407 isn't
/// retried either.
///
/// Between attempts a call waits as long as the server asks. If the server names no wait, the call waits a
/// random time up to a bound: exponential back-off with full jitter. The bound begins with
/// [`first_backoff`](Self::first_backoff) and doubles until [`longest_backoff`](Self::longest_backoff).
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
    pub(crate) attempts: u32,
    pub(crate) first_backoff: Duration,
    pub(crate) longest_backoff: Duration,
    pub(crate) deadline: Duration,
}

/// Makes 4 attempts, with waits of up to 0.5 s, 1 s and 2 s, in 2 minutes for the whole call.
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
    /// Sends each call once.
    ///
    /// A rejected token is renewed even so, if its source can do that, and the call is then sent once more.
    /// The server didn't act on the rejected call.
    #[must_use]
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// Sets how often a call is sent at the most, the first time included. 0 counts as 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the longest wait after the first attempt, if the server names none.
    #[must_use]
    pub fn first_backoff(mut self, backoff: Duration) -> Self {
        self.first_backoff = backoff;
        self
    }

    /// Sets the longest wait after any attempt, if the server names none.
    #[must_use]
    pub fn longest_backoff(mut self, backoff: Duration) -> Self {
        self.longest_backoff = backoff;
        self
    }

    /// Sets how long a call may take, attempts and waits included.
    ///
    /// A wait that doesn't fit into the remaining time isn't begun, and the error is returned at once. With a
    /// deadline of zero nothing is sent, and every call ends as
    /// [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited).
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Returns when a call that begins now must have ended. A deadline beyond the range of the clock becomes 30
    /// years.
    pub(crate) fn deadline_from_now(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.deadline).unwrap_or(now + FAR)
    }

    /// Returns the longest back-off after the attempt of this number. The first attempt is 1.
    pub(crate) fn backoff(&self, attempt: u32) -> Duration {
        let doublings = 2u32.saturating_pow(attempt.saturating_sub(1));
        self.first_backoff
            .saturating_mul(doublings)
            .min(self.longest_backoff)
    }
}
