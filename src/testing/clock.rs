//! The simulator's clock.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::{sleep, Instant};

/// The furthest that a clock can be advanced: 10,000 years. Lifetimes can be added without overflow.
const MAX_ADVANCE: Duration = Duration::from_secs(10_000 * 365 * 24 * 60 * 60);

/// The clock of a [`Simulator`](super::Simulator), which a test can advance.
///
/// Token lifetimes, rate limits and delays follow it. Clones share one clock.
///
/// ```
/// use std::time::Duration;
/// use webhook_subscriptions::testing::Clock;
///
/// let clock = Clock::stopped();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), before + Duration::from_secs(60));
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    started: SystemTime,
    /// When a running clock was started; `None` for a stopped one.
    running_since: Option<Instant>,
    advanced: watch::Sender<Duration>,
}

impl Clock {
    /// Creates a clock that follows tokio's: real time, or a clock paused by `tokio::time::pause`.
    ///
    /// A paused clock jumps to the next timer whenever no task of its runtime can run. A receiver on
    /// another thread or in another process takes real time. Its 20 seconds may therefore end at once.
    #[must_use]
    pub fn running() -> Self {
        Self::new(Some(Instant::now()))
    }

    /// Creates a clock that only [`advance`](Self::advance) moves, for tests of exact limits.
    ///
    /// No timeout expires by itself: a delivery to a receiver that never answers waits until the clock
    /// is advanced.
    #[must_use]
    pub fn stopped() -> Self {
        Self::new(None)
    }

    fn new(running_since: Option<Instant>) -> Self {
        Self(Arc::new(Inner {
            started: SystemTime::now(),
            running_since,
            advanced: watch::Sender::new(Duration::ZERO),
        }))
    }

    /// Returns the current time of this clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        let ran = self
            .0
            .running_since
            .map_or(Duration::ZERO, |it| it.elapsed());
        self.0.started + ran + *self.0.advanced.borrow()
    }

    /// Advances the clock and wakes everything that waits for a time now reached.
    ///
    /// The total of all calls is limited to 10,000 years.
    pub fn advance(&self, by: Duration) {
        let add =
            |advanced: &mut Duration| *advanced = advanced.saturating_add(by).min(MAX_ADVANCE);
        self.0.advanced.send_modify(add);
    }

    /// Waits until the clock has moved by this much since the call.
    ///
    /// The time is fixed by the call and not by the first poll. Dropping the future has no effect on the
    /// clock, so it can be a branch of `select!`. Pin it to continue the same wait in the next turn of a
    /// loop.
    pub(crate) fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<> {
        let clock = self.clone();
        // Subscribed before the time is read, so that no later `advance` is missed.
        let mut advanced = self.0.advanced.subscribe();
        let until = self.now().checked_add(time);
        async move {
            let Some(until) = until else {
                return std::future::pending().await;
            };
            while let Ok(remaining) = until.duration_since(clock.now()) {
                if remaining.is_zero() {
                    return;
                }
                tokio::select! {
                    () = sleep(remaining), if clock.0.running_since.is_some() => {}
                    // This can't fail: `clock` owns the sender.
                    _ = advanced.changed() => {}
                }
            }
        }
    }
}

#[cfg(feature = "rotate")]
impl crate::rotate::TimeSource for Clock {
    fn now(&self) -> SystemTime {
        self.now()
    }

    fn sleep(&self, duration: Duration) -> crate::BoxFuture<'_, ()> {
        Box::pin(self.sleep(duration))
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::running()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_wait_counts_from_its_call_and_not_from_its_first_poll() {
        let clock = Clock::stopped();
        let wait = clock.sleep(MINUTE);
        clock.advance(MINUTE);
        assert!(is_over(wait).await);
    }

    #[tokio::test]
    async fn a_wait_that_lost_a_race_continues() {
        let clock = Clock::stopped();
        let mut wait = std::pin::pin!(clock.sleep(MINUTE));
        clock.advance(MINUTE / 2);
        let at_half_time = is_over(&mut wait).await;
        clock.advance(MINUTE / 2);
        assert_eq!((at_half_time, is_over(wait).await), (false, true));
    }

    /// Returns whether a wait is over when it is polled.
    async fn is_over(wait: impl Future<Output = ()>) -> bool {
        tokio::select! {
            biased;
            () = wait => true,
            () = std::future::ready(()) => false,
        }
    }
}
